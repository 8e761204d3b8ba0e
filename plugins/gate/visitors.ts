import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AccountFacts, PresentAccount } from '../../src/accounts/present-accounts.ts'
import type { GateVisitor } from '../../src/gate/rules/rule.ts'
import { services } from '../../src/open-services.ts'
import { accountOf, nameOf } from '../../src/sessions/session-record.ts'
import { tokenVisitor } from '../../src/tokens/token-visitor.ts'
import { missingProofs } from '../auth/missing-proofs.ts'

/** A visitor with what apps are told of the account. */
export type KnownVisitor = GateVisitor & AccountFacts

/** Whom an app knows by a name alone is signed in, and has no account that a rule could name. */
const withoutAccount = { name: '', role: 'user', groups: [], groupKeys: new Set<string>() } as const

/** @returns a function that finds who asks at the gate, by what the account is now; at once where that is known */
export function gateVisitors(app: FastifyInstance) {
  const { present, sessions } = app[services]
  const { isShortOfPolicy } = missingProofs(app)

  return function visitorOf({
    sessionData,
    usedToken
  }: FastifyRequest): KnownVisitor | undefined | Promise<KnownVisitor | undefined> {
    if (usedToken) return { ...usedToken.account, ...tokenVisitor(usedToken) }
    if (nameOf(sessionData) === undefined) return undefined
    const proves: GateVisitor['proves'] = (demand) =>
      !isShortOfPolicy(sessionData) && sessions.proofs.meet(sessionData, demand)
    const id = accountOf(sessionData)
    if (id === undefined) return { ...withoutAccount, proves }
    const account = present.peek(id)
    if (account) return visitorIn(account, proves)
    return present.find(id).then((found) => found && visitorIn(found, proves))
  }
}

function visitorIn(account: PresentAccount, proves: GateVisitor['proves']): KnownVisitor {
  const { name, role, groups, groupKeys, email } = account
  return { name, role, groups, groupKeys, email, proves }
}
