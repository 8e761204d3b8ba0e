import type { FastifyInstance, FastifyReply } from 'fastify'
import {
  PasskeyUnverifiedError,
  SecondFactorNotSetUpError,
  SecondFactorRequiredError
} from '../../src/errors/errors.ts'
import { type AccountProofs, hasSecond, suffices } from '../../src/identity/account-proofs.ts'
import { needsSecondFactor } from '../../src/identity/second-factor.ts'
import { services } from '../../src/open-services.ts'
import type { ResolvedAccount } from '../session/resolve-account.ts'
import { methodsOf } from './missing-proofs.ts'

export interface SignInUnderWay {
  readonly proofs: AccountProofs
  readonly remember: boolean
  /** Where to go afterwards, as browsers have it. */
  readonly next: string
}

/** @returns what refuses a sign-in that lacks a second factor: nobody goes on with the password alone */
export function secondFactor(app: FastifyInstance) {
  const { config, factors } = app[services]

  /**
   * The browser keeps the sign-in, so that the second factor completes it at /login/code.
   * @throws {SecondFactorRequiredError} when it is missing
   * @throws {PasskeyUnverifiedError} when the password is: no code would be a factor of another kind
   * @throws {SecondFactorNotSetUpError} when SECOND_FACTOR asks for one and the account has none
   */
  return async function require(reply: FastifyReply, account: ResolvedAccount, underWay: SignInUnderWay) {
    const { id, role, epoch: version, secondFactors = 0 } = account
    const { proofs, remember, next } = underWay
    if (id === undefined || suffices(proofs, 2)) return
    if (secondFactors === 0 && !needsSecondFactor(config.secondFactor, role)) return
    if (hasSecond(proofs) && proofs.password === undefined) throw new PasskeyUnverifiedError()
    reply.holdSignIn({ account: id, version, proofs, remember, next })
    // Whoever gets no further may know somebody else's password (ASVS 6.3.5).
    await reply.request.audit('second-factor-asked', { name: account.name, account: id, session: undefined })
    const demand = { factors: 2, isSignIn: true } as const
    const methods = methodsOf(secondFactors > 0 ? await factors.of(id) : undefined, demand)
    const asked = { ...demand, methods: methods.filter((method) => method !== 'password') }
    throw secondFactors > 0 ? new SecondFactorRequiredError(asked) : new SecondFactorNotSetUpError(asked)
  }
}
