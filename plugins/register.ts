import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { Credentials } from '../src/accounts/accounts.ts'
import type { Registered } from '../src/accounts/registration.ts'
import { NameTakenError, RegistrationClosedError, ThrottledError } from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'

export type RegistrationOutcome =
  | Registered
  | { readonly ok: false; readonly field: null; readonly error: ThrottledError }

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Creates an account for a visitor and signs in, if REGISTRATION allows it and an attempt is left: which names are
     * taken is worth guessing. Records it in the audit trail.
     * @param options.next where a browser goes once it has a second factor, if it needs one
     * @returns the account; or the error, and the field of the form that it is about
     * @throws {SecondFactorNotSetUpError} when SECOND_FACTOR asks for one: the account is there, and nobody signed in
     * @throws {InsecureConnectionError} when the browser would drop the cookie
     * @throws {BusyError} when there are too many at once
     * @throws {StorageError} when accounts, counters or sessions cannot be written
     */
    register(credentials: Credentials, options?: { readonly next?: string }): Promise<RegistrationOutcome>
  }
}

export default fp(
  async (app) => {
    const { accounts, throttle } = app[services]

    async function register(
      this: FastifyReply,
      credentials: Credentials,
      options?: { readonly next?: string }
    ): Promise<RegistrationOutcome> {
      const { request } = this
      if (!(await accounts.acceptsRegistration()))
        return { ok: false, field: undefined, error: new RegistrationClosedError() }
      const run = async () => {
        await this.checkSignIn()
        return accounts.register(credentials, request.ip)
      }
      const outcome = await throttle.guardRegistration(request.ip, { run, counts: revealsName })
      if ('retryAfterSeconds' in outcome)
        return { ok: false, field: null, error: new ThrottledError(outcome.retryAfterSeconds, 'naming') }
      if (!outcome.ok) return outcome
      await request.audit('registration', { name: outcome.account.name, account: outcome.account.id })
      // Its owner knows.
      await this.signIn({ ...outcome.account, tellsOfSignIns: false }, options)
      return outcome
    }

    app.decorateReply('register', register)
  },
  { name: 'latchkey-register', dependencies: ['latchkey-sign-in', 'latchkey-audit'] }
)

/** A created account reveals that the name was free. */
function revealsName(registered: Registered): boolean {
  return registered.ok || registered.error instanceof NameTakenError
}
