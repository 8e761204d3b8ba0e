import { inspect } from 'node:util'
import { message } from '../i18n/texts.ts'
import { type Throttling, waitMessage } from '../i18n/wait-message.ts'
import { visible } from '../primitives/visible-text.ts'
import { defineError } from './define-error.ts'

export { LatchkeyError } from './define-error.ts'

const daySeconds = 24 * 60 * 60

/** The settings are wrong and the service refuses to start. Holds one plain sentence per fault. */
export class ConfigError extends defineError('LATCHKEY_CONFIG', { status: undefined, actor: 'operator' }) {
  readonly #faults: readonly string[]

  constructor(sentences: readonly string[]) {
    const faults = sentences.map(visible)
    super(`Latchkey cannot run with these settings:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.#faults = faults
    this.stack = this.message
  }

  /** Whoever prints this error, fastify-cli or Node, prints the sentences and nothing else. */
  [inspect.custom]() {
    return this.message
  }

  get faults() {
    return this.#faults
  }
}

/** Accounts or sessions could not be read or written. Nothing was changed; trying again may help. */
export class StorageError extends defineError('LATCHKEY_STORAGE_UNAVAILABLE', {
  status: 503,
  actor: 'operator'
}) {
  readonly retryAfterSeconds = 5
  /** Fastify and Express answer with them where nothing else does. */
  readonly headers = { 'retry-after': `${this.retryAfterSeconds}` }

  constructor(what: string, cause: unknown) {
    super(`${what} did not answer`, { cause })
  }
}

/** More people sign in at this moment than passwords can be checked. Nothing was changed. */
export class BusyError extends defineError('LATCHKEY_BUSY', { status: 503, actor: 'nobody' }) {
  readonly retryAfterSeconds = 5
}

/** The process cannot keep up with what it is asked. Nothing was begun. */
export class OverloadedError extends defineError('LATCHKEY_OVERLOADED', { status: 503, actor: 'operator' }) {
  readonly retryAfterSeconds = 5
}

/** The application put something into a session that cannot be kept. The stored session is as it was. */
export class SessionDataError extends defineError('LATCHKEY_SESSION_DATA', {
  status: 500,
  actor: 'application'
}) {
  constructor(why: string) {
    super(`The session cannot be stored: ${why}.`)
  }
}

/** The request needs a signed-in person and has none. */
export class SignInRequiredError extends defineError('LATCHKEY_SIGN_IN_REQUIRED', {
  status: 401,
  actor: 'user'
}) {}

/** The person is signed in and must prove it anew: the last proof is too old for what was asked (ASVS 7.5.3). */
export class RecentProofRequiredError extends defineError('LATCHKEY_RECENT_PROOF_REQUIRED', {
  status: 401,
  actor: 'user'
}) {}

/** The person is signed in and may not do what was asked for. */
export class RoleRequiredError extends defineError('LATCHKEY_ROLE_REQUIRED', {
  status: 403,
  actor: 'operator'
}) {}

/** The account changed between the proof of its password and the end of the sign-in. */
export class SignInUndoneError extends defineError('LATCHKEY_SIGN_IN_UNDONE', {
  status: 401,
  actor: 'user'
}) {}

/** The name and the password do not belong together. One sentence covers both causes (ASVS 6.3.8). */
export class WrongCredentialsError extends defineError('LATCHKEY_WRONG_CREDENTIALS', {
  status: 401,
  actor: 'user'
}) {}

/** There were too many tries, and this one was not looked at. It says nothing about who exists. */
export class ThrottledError extends defineError('LATCHKEY_THROTTLED', { status: 429, actor: 'nobody' }) {
  readonly retryAfterSeconds: number

  /** @param seconds until the next try is looked at; Infinity: none is, until there is another way in */
  constructor(seconds: number, what: Throttling = 'signIn') {
    super(waitMessage(seconds, what))
    this.retryAfterSeconds = Math.min(seconds, daySeconds)
  }
}

/** What was sent breaks a rule, named in the message. */
export class BadInputError extends defineError('LATCHKEY_BAD_INPUT', { status: 400, actor: 'client' }) {}

/** Nothing answers at the address asked for. */
export class NotFoundError extends defineError('LATCHKEY_NOT_FOUND', { status: 404, actor: 'client' }) {}

/** No account has that name. */
export class NoSuchAccountError extends defineError('LATCHKEY_NO_SUCH_ACCOUNT', {
  status: 404,
  actor: 'administrator'
}) {
  constructor(name: string) {
    super(message('errors.LATCHKEY_NO_SUCH_ACCOUNT', { name }))
  }
}

/** An administrator would lock themselves out. */
export class OwnAccountError extends defineError('LATCHKEY_OWN_ACCOUNT', {
  status: 409,
  actor: 'administrator'
}) {}

/** The address asked for is longer than any of ours. */
export class AddressTooLongError extends defineError('LATCHKEY_ADDRESS_TOO_LONG', {
  status: 414,
  actor: 'client'
}) {
  constructor(longest: number) {
    super(message('errors.LATCHKEY_ADDRESS_TOO_LONG', { longest }))
  }
}

/** The name is somebody's already. */
export class NameTakenError extends defineError('LATCHKEY_NAME_TAKEN', { status: 409, actor: 'user' }) {}

/** No account can be created here by visitors. */
export class RegistrationClosedError extends defineError('LATCHKEY_REGISTRATION_CLOSED', {
  status: 403,
  actor: 'operator'
}) {}

/** A page of another site sent this request (ASVS 3.5.1). */
export class CrossSiteError extends defineError('LATCHKEY_CROSS_SITE', { status: 403, actor: 'nobody' }) {}

/** A browser reached the service by a name that anybody could have pointed at it. */
export class UnknownHostError extends defineError('LATCHKEY_UNKNOWN_HOST', {
  status: 403,
  actor: 'operator'
}) {
  constructor(host: string) {
    super(message('errors.LATCHKEY_UNKNOWN_HOST', { host }))
  }
}

/** PUBLIC_URL says https, yet the request arrived over http: the cookie could not be sent. */
export class InsecureConnectionError extends defineError('LATCHKEY_INSECURE_CONNECTION', {
  status: 400,
  actor: 'operator'
}) {}
