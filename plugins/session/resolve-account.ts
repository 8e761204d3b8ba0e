import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { SignedInAs } from '../../src/accounts/account.ts'
import { verifiedAccount } from '../../src/accounts/verification.ts'
import { services } from '../../src/open-services.ts'

/** With its version when the request began: a later change of the account ends the session. */
export type ResolvedAccount = SignedInAs & { readonly epoch: number }

/** @returns a function that finds whom an app signs in */
export function accountResolver(app: FastifyInstance) {
  const { accounts } = app[services]

  /** With the account as it was when the request began, unless its password was just verified. */
  return async function resolve(request: FastifyRequest, given: SignedInAs): Promise<ResolvedAccount> {
    const { verifiedState } = given
    if (verifiedState && given.secondFactors !== undefined) return { ...given, epoch: verifiedState.version }
    const found = await accounts.find(given.name)
    const { id = found?.id } = given
    if (!found || found.id !== id) return { ...given, id, epoch: verifiedState?.version ?? 0 }
    const epoch = verifiedState?.version ?? (await accounts.versionAt(found, request.arrivedAt))
    const { language, tellsOfSignIns } = verifiedAccount(found)
    return { ...given, id, epoch, secondFactors: found.secondFactors, language, tellsOfSignIns }
  }
}

/** The account as if its password had been verified when the request began. */
export function whenBegun(account: ResolvedAccount): SignedInAs {
  const { id, epoch: version } = account
  return id === undefined || version === 0 ? account : { ...account, verifiedState: { id, version } }
}
