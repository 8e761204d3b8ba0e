import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Account } from '../src/accounts/account.ts'
import type { Credentials } from '../src/accounts/accounts.ts'
import { type LatchkeyError, ThrottledError, WrongCredentialsError } from '../src/errors/errors.ts'
import type { Message } from '../src/i18n/texts.ts'
import type { Owner } from '../src/identity/owner-key.ts'
import { services } from '../src/open-services.ts'
import { accountOf } from '../src/sessions/session-record.ts'
import type { Throttled } from '../src/throttle/throttle.ts'

export type PasswordVerified =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly error: WrongCredentialsError | ThrottledError }

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Verifies a name, or a confirmed address, and password if an attempt is left, and records a refusal in the audit
     * trail. Every password that somebody claims to know goes through here.
     * @param wrong what is said of a wrong password
     * @throws {BusyError} when there are too many sign-ins at once
     * @throws {StorageError} when accounts or counters cannot be read
     */
    verifyPassword(credentials: Credentials, wrong?: Message): Promise<PasswordVerified>
  }
  interface FastifyReply {
    /** Sets status and headers for a form that is shown again with an error. */
    refuse(error: LatchkeyError): FastifyReply
  }
}

export default fp(
  async (app) => {
    const { accounts, audit, devices, sessions, throttle } = app[services]

    async function verifyPassword(
      this: FastifyRequest,
      credentials: Credentials,
      wrong?: Message
    ): Promise<PasswordVerified> {
      const { username: name } = credentials
      const { ip: address } = this
      const session = ownSession(this, name)
      const claimed = session === undefined ? await this.claimedDevice(name) : undefined
      const isHeld = (device?: string) => throttle.stillHeld({ name, address, device, session })
      const claimHeld = isHeld(claimed)
      const device = claimed && !claimHeld && (await devices.isKnown(name, claimed)) ? claimed : undefined
      const repeated = claimHeld ?? isHeld(device)
      if (repeated) return refuseThrottled(this, undefined, repeated)
      await throttle.turn(address)
      // Read whether or not there is an account, so that the time does not tell.
      const account = await accounts.findToSignIn(name)
      const isOwn = accountOf(this.sessionData) === account?.id
      const attempt = { name, account: account?.id, address, device, session: isOwn ? session : undefined }
      const options = { address, found: account ?? null }
      const outcome = await throttle.guard(attempt, (max) =>
        accounts.verify(credentials, { max, ...options })
      )
      if (outcome.ok) return outcome
      if ('retryAfterSeconds' in outcome) return refuseThrottled(this, account, outcome)
      if (account && accounts.lacksPepper(account))
        this.log.error(`The password of ${account.name} has a pepper that is not in PASSWORD_PEPPERS.`)
      await this.audit('sign-in-refused', { name: account?.name, account: account?.id })
      return { ok: false, error: new WrongCredentialsError(wrong) }
    }

    async function refuseThrottled(request: FastifyRequest, of: Owner | undefined, outcome: Throttled) {
      const { retryAfterSeconds, claimant, isRepeated } = outcome
      if (isRepeated) audit.count('sign-in-throttled')
      else await request.audit('sign-in-throttled', { name: of?.name, account: of?.id })
      return { ok: false, error: new ThrottledError(retryAfterSeconds, claimant) } as const
    }

    /** The session of a user who verifies the own password again. */
    function ownSession(request: FastifyRequest, name: string): string | undefined {
      if (request.sessionData.user !== name) return undefined
      return sessions.handleOf(request.session.sessionId)
    }

    function refuse(this: FastifyReply, error: LatchkeyError): FastifyReply {
      return this.code(error.statusCode).headers(error.headers)
    }

    app.decorateRequest('verifyPassword', verifyPassword)
    app.decorateReply('refuse', refuse)
  },
  {
    name: 'latchkey-verify-password',
    dependencies: ['latchkey-auth', 'latchkey-audit', 'latchkey-device-cookie']
  }
)
