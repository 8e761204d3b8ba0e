import type { AddressInfo } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Credentials } from '../src/accounts/accounts.ts'
import type { Registered } from '../src/accounts/registration.ts'
import {
  FirstAccountCodeError,
  NameTakenError,
  RegistrationClosedError,
  ThrottledError
} from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'
import { isLocal, isLoopback } from '../src/web/local-request.ts'

export type RegistrationOutcome =
  | Registered
  | { readonly ok: false; readonly field: null; readonly error: ThrottledError }

export interface RegisterOptions {
  /** Where a browser goes once it has a second factor, if it needs one. */
  readonly next?: string
  /** From the link of the first account, if there is none yet. */
  readonly code?: string | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Whether this visitor can register now. The first account is for whoever has the code that the start printed, or is at
     * this machine, which nobody else reaches. Throws StorageError.
     */
    mayRegister(code?: string): Promise<boolean>
  }
  interface FastifyReply {
    /**
     * Creates an account for a visitor and signs in, if REGISTRATION allows it and an attempt is left: which names are
     * taken is worth guessing. Records it in the audit trail.
     * @returns the account; or the error, and the field of the form that it is about
     * @throws {FirstAccountCodeError} when it would be the first account, and the code is missing or wrong
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
    const { accounts, config, firstAccount, throttle } = app[services]
    const isForThisMachine = !config.trustProxy && isLoopback(config.publicUrl?.hostname ?? 'localhost')

    async function mayRegister(this: FastifyRequest, code = ''): Promise<boolean> {
      if (!(await accounts.acceptsRegistration())) return false
      if (config.registration === 'open' || (isForThisMachine && isLocalRequest(this))) return true
      return firstAccount.isRight(code)
    }

    function isLocalRequest({ socket: { remoteAddress }, raw, headers }: FastifyRequest): boolean {
      const listening = (app.server.address() as AddressInfo | null)?.address
      return isLocal({ remoteAddress, listening, httpVersion: raw.httpVersion, headers })
    }

    async function register(
      this: FastifyReply,
      credentials: Credentials,
      options: RegisterOptions = {}
    ): Promise<RegistrationOutcome> {
      const { request } = this
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
      // Its owner knows.
      await this.signIn({ ...outcome.account, tellsOfSignIns: false }, options)
      return outcome
    }

    app.decorateRequest('mayRegister', mayRegister)
    app.decorateReply('register', register)
  },
  { name: 'latchkey-register', dependencies: ['latchkey-sign-in', 'latchkey-audit'] }
)

/** A created account reveals that the name was free. */
function revealsName(registered: Registered): boolean {
  return registered.ok || registered.error instanceof NameTakenError
}
