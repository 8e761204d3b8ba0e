import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { Credentials } from '../src/accounts/accounts.ts'
import { isByMail, type Registered } from '../src/accounts/registration.ts'
import {
  BadInputError,
  FirstAccountCodeError,
  NameTakenError,
  RegistrationClosedError,
  ThrottledError
} from '../src/errors/errors.ts'
import { message } from '../src/i18n/texts.ts'
import { checkAddress } from '../src/identity/email-address.ts'
import { services } from '../src/open-services.ts'
import type { GivenAddress } from './register-by-mail.ts'

export type RegistrationOutcome =
  | (Registered & { readonly email?: GivenAddress | undefined })
  | { readonly ok: false; readonly field: 'email'; readonly error: BadInputError }
  | { readonly ok: false; readonly field: null; readonly error: ThrottledError }

export interface RegisterOptions {
  /** Where a browser goes once it has a second factor, if it needs one. */
  readonly next?: string
  /** From the link of the first account, if there is none yet. */
  readonly code?: string | undefined
  /** An address as typed, which a link is mailed to: it is the account's once it is confirmed. */
  readonly email?: string | undefined
}

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Creates an account for a visitor and signs in, if REGISTRATION allows it and an attempt is left: which names are
     * taken is worth guessing. Records it in the audit trail.
     * @returns the account; or the error, and the field of the form that it is about
     * @throws {FirstAccountCodeError} when it would be the first account, and the code is missing or wrong
     * @throws {BadInputError} where accounts are made by mail alone
     * @throws {SecondFactorNotSetUpError} when SECOND_FACTOR asks for one: the account is there, and nobody signed in
     * @throws {InsecureConnectionError} when the browser would drop the cookie
     * @throws {BusyError} when there are too many at once
     * @throws {StorageError} when accounts, counters or sessions cannot be written
     */
    register(credentials: Credentials, options?: RegisterOptions): Promise<RegistrationOutcome>
  }
}

export default fp(
  async (app) => {
    const { accounts, config, throttle } = app[services]

    async function register(
      this: FastifyReply,
      credentials: Credentials,
      options: RegisterOptions = {}
    ): Promise<RegistrationOutcome> {
      const { request } = this
      if (isByMail(config)) throw new BadInputError(message('registerAddress.only'))
      const email =
        config.registrationEmail === 'off' || !options.email ? undefined : checkAddress(options.email)
      if (email && !email.ok) return { ok: false, field: 'email', error: new BadInputError(email.reason) }
      if (!(await accounts.acceptsRegistration()))
        return { ok: false, field: undefined, error: new RegistrationClosedError() }
      if (!(await request.mayRegister(options.code))) throw new FirstAccountCodeError()
      const run = async () => {
        await this.checkSignIn()
        return accounts.register(credentials, request.ip)
      }
      const outcome = await throttle.guardRegistration(request.ip, { run, counts: revealsName })
      if ('retryAfterSeconds' in outcome)
        return { ok: false, field: null, error: new ThrottledError(outcome.retryAfterSeconds, 'naming') }
      if (!outcome.ok) return outcome
      await request.audit('registration', { name: outcome.account.name, account: outcome.account.id })
      const given = email && (await request.confirmNewAccount(outcome.account, email.address))
      // Its owner knows.
      await this.signIn({ ...outcome.account, tellsOfSignIns: false }, options)
      return { ...outcome, email: given }
    }

    app.decorateReply('register', register)
  },
  {
    name: 'latchkey-register',
    dependencies: ['latchkey-sign-in', 'latchkey-audit', 'latchkey-register-by-mail', 'latchkey-may-register']
  }
)

/** A created account reveals that the name was free. */
function revealsName(registered: Registered): boolean {
  return registered.ok || registered.error instanceof NameTakenError
}
