import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FactorCount, ProofMethod } from '../../src/errors/errors.ts'
import { hasSecond, suffices } from '../../src/identity/account-proofs.ts'
import { services } from '../../src/open-services.ts'
import { parseDuration } from '../../src/primitives/durations.ts'
import { hasSecondFactor, methodsOf } from './missing-proofs.ts'

/** What /confirm has to ask for. */
export interface Confirmation {
  readonly factors: FactorCount
  readonly within: string | undefined
  readonly asks: { readonly password: boolean; readonly code: boolean; readonly passkey: boolean }
  readonly methods: readonly ProofMethod[]
  /** The account has no factor of the kind that is asked for: the page where it is set up. */
  readonly setUpAt?: '/login/setup' | '/account/security' | undefined
}

/** How long a password is enough to set the first second factor up. */
const recently = '10m'

/** What /confirm asks for, by its parameters. Whatever they say, the page that asked checks again. */
export function confirmations(app: FastifyInstance) {
  const { accounts, factors: stored, paths, sessions } = app[services]

  /**
   * One factor is asked for even if it was proved just now: the page is opened for that.
   * @param wanted untrusted input
   */
  async function confirmationFor(
    { sessionData, sessionUser }: FastifyRequest,
    wanted: { readonly factors?: unknown; readonly within?: unknown }
  ): Promise<Confirmation> {
    const demand = demandIn(wanted)
    const { factors, within } = demand
    const own = await stored.of(sessionUser?.id ?? '')
    const methods = methodsOf(own, demand)
    const hasPasskey = methods.includes('passkey')
    if (factors === 1)
      return { ...demand, methods, asks: { password: true, code: false, passkey: hasPasskey } }
    const fresh = sessions.proofs.fresh(sessionData, within)
    if (suffices(fresh, factors)) return { ...demand, methods, asks: nothing }
    const hasIt = factors === 2 ? hasSecondFactor(own) : hasPasskey
    // A first second factor is set up as at a sign-in, a passkey where the others are.
    const place = factors === 2 ? '/login/setup' : '/account/security'
    const setUpAt = hasIt ? undefined : place
    const known = setUpAt === undefined ? fresh : sessions.proofs.fresh(sessionData, recently)
    const needsCode = setUpAt === undefined && factors === 2 && !hasSecond(fresh)
    const asks = {
      password: known.password === undefined,
      code: needsCode && methods.some((method) => method === 'totp' || method === 'recovery'),
      passkey: setUpAt === undefined && hasPasskey
    }
    return { ...demand, methods, asks, setUpAt }
  }

  /** Leads on when there is nothing to ask for: where the missing factor is set up, or back. */
  async function leadOn(reply: FastifyReply, { setUpAt }: Confirmation, next: string): Promise<FastifyReply> {
    const { sessionData, arrivedAt } = reply.request
    if (setUpAt === '/login/setup') {
      const account = await reply.request.requireAccount({ factors: 1 })
      const version = await accounts.versionAt(account, arrivedAt)
      const { remember = false } = sessionData
      const proofs = sessions.proofs.fresh(sessionData, recently)
      reply.holdSignIn({ account: account.id, version, proofs, remember, next, ofSession: true })
    }
    return reply.redirect(setUpAt === undefined ? next : paths.ofPage(setUpAt), 303)
  }

  return { confirmationFor, leadOn }
}

const nothing = { password: false, code: false, passkey: false } as const

function demandIn({ factors, within }: { readonly factors?: unknown; readonly within?: unknown }) {
  const asked = factors === '2' ? 2 : factors === 'phishing-resistant' ? factors : 1
  return { factors: asked, within: durationIn(within) } as const
}

function durationIn(text: unknown): string | undefined {
  try {
    parseDuration(String(text))
    return String(text)
  } catch {
    return undefined
  }
}
