import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Account } from '../src/accounts/account.ts'
import type { Credentials } from '../src/accounts/accounts.ts'
import { type LatchkeyError, ThrottledError, WrongCredentialsError } from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'
import type { Throttled } from '../src/throttle/throttle.ts'

export type PasswordVerified =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly error: WrongCredentialsError | ThrottledError }

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Verifies a name and password if an attempt is left, and records a refusal in the audit trail. Every
     * password that somebody claims to know goes through here.
     * @param wrong the error for a wrong password
     * @throws {BusyError} when there are too many sign-ins at once
     * @throws {StorageError} when accounts or counters cannot be read
     */
    verifyPassword(credentials: Credentials, wrong?: WrongCredentialsError): Promise<PasswordVerified>
  }
  interface FastifyReply {
    /** Sets status and headers for a form that is shown again with an error. */
    refuse(error: LatchkeyError): FastifyReply
  }
}

export default fp(
  async (app) => {
    const { accounts, audit, sessions, throttle } = app[services]

    async function verifyPassword(
      this: FastifyRequest,
      credentials: Credentials,
      wrong?: WrongCredentialsError
    ): Promise<PasswordVerified> {
      const { username: name } = credentials
      const { ip: address } = this
      const session = ownSession(this, name)
      const claimed = session === undefined ? this.claimedDevice(name) : undefined
      const repeated = throttle.stillHeld({ name, address, device: claimed, session })
      if (repeated) return refuseThrottled(this, name, repeated)
      const device = claimed && (await this.deviceFor(name))
      const attempt = { name, address, device, session }
      const outcome = await throttle.guard(attempt, (max) => accounts.verify(credentials, { max, address }))
      if (outcome.ok) return outcome
      if ('retryAfterSeconds' in outcome) return refuseThrottled(this, name, outcome)
      // Read whether or not the account exists, so that the time does not tell.
      const account = await accounts.find(name)
      if (account && accounts.lacksPepper(account))
        this.log.error(`The password of ${account.name} has a pepper that is not in PASSWORD_PEPPERS.`)
      await this.audit('sign-in-refused', { name: account?.name, account: account?.id })
      return { ok: false, error: wrong ?? new WrongCredentialsError() }
    }

    async function refuseThrottled(request: FastifyRequest, name: string, outcome: Throttled) {
      const { retryAfterSeconds, claimant, isRepeated } = outcome
      if (isRepeated) audit.count('sign-in-throttled')
      else {
        const account = await accounts.find(name)
        await request.audit('sign-in-throttled', { name: account?.name, account: account?.id })
      }
      return { ok: false, error: new ThrottledError(retryAfterSeconds, claimant) } as const
    }

    /** The session of a user who verifies the own password again. */
    function ownSession(request: FastifyRequest, name: string): string | undefined {
      if (request.sessionData.user !== name) return undefined
      return sessions.handleOf(request.session.sessionId)
    }

    function refuse(this: FastifyReply, error: LatchkeyError): FastifyReply {
      if (error instanceof ThrottledError) this.header('retry-after', error.retryAfterSeconds)
      return this.code(error.statusCode)
    }

    app.decorateRequest('verifyPassword', verifyPassword)
    app.decorateReply('refuse', refuse)
  },
  { name: 'latchkey-verify-password', dependencies: ['latchkey-audit', 'latchkey-device-cookie'] }
)
