import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { AccountState } from '../src/accounts/account.ts'
import { verifiedAccount } from '../src/accounts/verification.ts'
import {
  BadInputError,
  type LatchkeyError,
  SignInRequiredError,
  SignInUndoneError
} from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'

export interface PasswordPair {
  /** The old password. */
  readonly current: string
  readonly password: string
}

export type PasswordChanged =
  | { readonly ok: true; readonly sessionsEnded: number }
  | { readonly ok: false; readonly field: keyof PasswordPair; readonly error: LatchkeyError }

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Changes the password of the signed-in user if the current one is right. Ends all other sessions; this
     * one continues under a new id (ASVS 6.2.3, 7.4.3), unless it was ended or renewed by another request meanwhile.
     * @throws as `requireOtherFactors`
     * @throws {SignInUndoneError} when the account has changed meanwhile; then the password has not
     * @throws {SignInRequiredError} when the session has ended meanwhile; then the password has not changed either
     */
    changePassword(pair: PasswordPair): Promise<PasswordChanged>
  }
}

export default fp(
  async (app) => {
    const { accounts, sessions } = app[services]

    async function changePassword(
      this: FastifyReply,
      { current, password }: PasswordPair
    ): Promise<PasswordChanged> {
      const { request } = this
      const attempt = await request.verifyOwnPassword(current)
      if (!attempt.ok) return { ok: false, field: 'current', error: attempt.error }
      // After the password, so that an attempt that is refused asks no store.
      await request.requireOtherFactors()
      await this.checkSignIn()
      const { name: username, verifiedState } = attempt.account
      const keep = request.session.sessionId
      await mustLive(keep, verifiedState)
      const circumstances = request.circumstances()
      const options = { keep, verifiedState, address: request.ip, circumstances }
      const changed = await accounts.changePassword({ username, password }, options)
      if (!changed.ok) return { ok: false, field: 'password', error: new BadInputError(changed.reason) }
      await request.audit('password-change')
      // The password is changed by now: no refusal may say otherwise.
      // Whoever had the cookie before is not to come back with it.
      const renewing = this.renewSession(verifiedAccount(changed.account), { endsFormer: true })
      await renewing.catch(unlessSessionIsOver)
      return { ok: true, sessionsEnded: changed.sessionsEnded }
    }

    /**
     * Whoever changes the password keeps the session, and must not bring back what an earlier change of the account has
     * ended since the request began. A later one refuses this change.
     */
    async function mustLive(id: string, verified: AccountState | undefined): Promise<void> {
      const found = await sessions.find(id)
      if (!found || (found.record.epoch ?? 0) < (verified?.version ?? 0)) throw new SignInRequiredError()
    }

    app.decorateReply('changePassword', changePassword)
  },
  {
    name: 'latchkey-change-password',
    dependencies: [
      'latchkey-own-account',
      'latchkey-sign-in',
      'latchkey-renew-session',
      'latchkey-audit',
      'latchkey-notices'
    ]
  }
)

function unlessSessionIsOver(error: unknown): void {
  if (!(error instanceof SignInRequiredError || error instanceof SignInUndoneError)) throw error
}
