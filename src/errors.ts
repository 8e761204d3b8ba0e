import { inspect } from 'node:util'
import { statusByCode } from './error-statuses.ts'
import { inEnglish } from './texts/language.ts'
import { type Saying, saying } from './texts/texts.ts'
import { sayWhen, type Throttling } from './texts/waits.ts'

const daySeconds = 24 * 60 * 60

/** The parent of every error Latchkey throws. `code` is stable: programs may rely on it. */
export abstract class LatchkeyError extends Error {
  abstract readonly code: string
  /** The message in any language; undefined where it is for programs or whoever runs the service, in English. */
  readonly saying: Saying | undefined

  constructor(what: Saying | string, options?: ErrorOptions) {
    super(typeof what === 'string' ? what : inEnglish(what), options)
    this.saying = typeof what === 'string' ? undefined : what
  }

  /** What Fastify answers with where nothing else does. */
  get statusCode(): number {
    return statusByCode[this.code] ?? 500
  }

  /** And what Express does. */
  get status(): number {
    return this.statusCode
  }

  override get name() {
    return this.constructor.name
  }
}

/** The settings are wrong and the service refuses to start. Holds one plain sentence per fault. */
export class ConfigError extends LatchkeyError {
  readonly #faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`Latchkey cannot run with these settings:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.#faults = faults
    this.stack = this.message
  }

  /** Whoever prints this error, fastify-cli or Node, prints the sentences and nothing else. */
  [inspect.custom]() {
    return this.message
  }

  get code() {
    return 'LATCHKEY_CONFIG'
  }

  get faults() {
    return this.#faults
  }
}

/** Accounts or sessions could not be read or written. Nothing was changed; trying again may help. */
export class StorageError extends LatchkeyError {
  readonly code = 'LATCHKEY_STORAGE_UNAVAILABLE'
  readonly retryAfterSeconds = 5
  /** Fastify and Express answer with them where nothing else does. */
  readonly headers = { 'retry-after': `${this.retryAfterSeconds}` }

  constructor(what: string, cause: unknown) {
    super(`${what} did not answer`, { cause })
  }
}

/** More people sign in at this moment than passwords can be checked. Nothing was changed. */
export class BusyError extends LatchkeyError {
  readonly code = 'LATCHKEY_BUSY'
  readonly retryAfterSeconds = 5

  constructor() {
    super(saying('errors.LATCHKEY_BUSY'))
  }
}

/** The process cannot keep up with what it is asked. Nothing was begun. */
export class OverloadedError extends LatchkeyError {
  readonly code = 'LATCHKEY_OVERLOADED'
  readonly retryAfterSeconds = 5

  constructor() {
    super(saying('errors.LATCHKEY_OVERLOADED'))
  }
}

/** The application put something into a session that cannot be kept. The stored session is as it was. */
export class SessionDataError extends LatchkeyError {
  readonly code = 'LATCHKEY_SESSION_DATA'

  constructor(why: string) {
    super(`The session cannot be stored: ${why}.`)
  }
}

/** The request needs a signed-in person and has none. */
export class SignInRequiredError extends LatchkeyError {
  readonly code = 'LATCHKEY_SIGN_IN_REQUIRED'

  constructor() {
    super(saying('errors.LATCHKEY_SIGN_IN_REQUIRED'))
  }
}

/** The person is signed in and must prove it anew: the last proof is too old for what was asked (ASVS 7.5.3). */
export class RecentProofRequiredError extends LatchkeyError {
  readonly code = 'LATCHKEY_RECENT_PROOF_REQUIRED'

  constructor() {
    super(saying('errors.LATCHKEY_RECENT_PROOF_REQUIRED'))
  }
}

/** The person is signed in and may not do what was asked for. */
export class RoleRequiredError extends LatchkeyError {
  readonly code = 'LATCHKEY_ROLE_REQUIRED'

  constructor() {
    super(saying('errors.LATCHKEY_ROLE_REQUIRED'))
  }
}

/** The account changed between the proof of its password and the end of the sign-in. */
export class SignInUndoneError extends LatchkeyError {
  readonly code = 'LATCHKEY_SIGN_IN_UNDONE'

  constructor() {
    super(saying('errors.LATCHKEY_SIGN_IN_UNDONE'))
  }
}

/** The name and the password do not belong together. One sentence covers both causes (ASVS 6.3.8). */
export class WrongCredentialsError extends LatchkeyError {
  readonly code = 'LATCHKEY_WRONG_CREDENTIALS'

  constructor(what = saying('errors.LATCHKEY_WRONG_CREDENTIALS')) {
    super(what)
  }
}

/** There were too many tries, and this one was not looked at. It says nothing about who exists. */
export class ThrottledError extends LatchkeyError {
  readonly code = 'LATCHKEY_THROTTLED'
  readonly retryAfterSeconds: number

  /** @param seconds until the next try is looked at; Infinity: none is, until there is another way in */
  constructor(seconds: number, what: Throttling = 'signIn') {
    super(sayWhen(seconds, what))
    this.retryAfterSeconds = Math.min(seconds, daySeconds)
  }
}

/** What was sent breaks a rule, named in the message. */
export class BadInputError extends LatchkeyError {
  readonly code = 'LATCHKEY_BAD_INPUT'
}

/** Nothing answers at the address asked for. */
export class NotFoundError extends LatchkeyError {
  readonly code = 'LATCHKEY_NOT_FOUND'

  constructor() {
    super(saying('errors.LATCHKEY_NOT_FOUND'))
  }
}

/** No account has that name. */
export class NoSuchAccountError extends LatchkeyError {
  readonly code = 'LATCHKEY_NO_SUCH_ACCOUNT'

  constructor(name: string) {
    super(saying('errors.LATCHKEY_NO_SUCH_ACCOUNT', { name }))
  }
}

/** An administrator would lock themselves out. */
export class OwnAccountError extends LatchkeyError {
  readonly code = 'LATCHKEY_OWN_ACCOUNT'

  constructor() {
    super(saying('errors.LATCHKEY_OWN_ACCOUNT'))
  }
}

/** The address asked for is longer than any of ours. */
export class AddressTooLongError extends LatchkeyError {
  readonly code = 'LATCHKEY_ADDRESS_TOO_LONG'

  constructor(longest: number) {
    super(saying('errors.LATCHKEY_ADDRESS_TOO_LONG', { longest }))
  }
}

/** The name is somebody's already. */
export class NameTakenError extends LatchkeyError {
  readonly code = 'LATCHKEY_NAME_TAKEN'

  constructor() {
    super(saying('errors.LATCHKEY_NAME_TAKEN'))
  }
}

/** No account can be created here by visitors. */
export class RegistrationClosedError extends LatchkeyError {
  readonly code = 'LATCHKEY_REGISTRATION_CLOSED'

  constructor() {
    super(saying('errors.LATCHKEY_REGISTRATION_CLOSED'))
  }
}

/** A page of another site sent this request (ASVS 3.5.1). */
export class CrossSiteError extends LatchkeyError {
  readonly code = 'LATCHKEY_CROSS_SITE'

  constructor() {
    super(saying('errors.LATCHKEY_CROSS_SITE'))
  }
}

/** A browser reached the service by a name that anybody could have pointed at it. */
export class UnknownHostError extends LatchkeyError {
  readonly code = 'LATCHKEY_UNKNOWN_HOST'

  constructor(host: string) {
    super(saying('errors.LATCHKEY_UNKNOWN_HOST', { host }))
  }
}

/** PUBLIC_URL says https, yet the request arrived over http: the cookie could not be sent. */
export class InsecureConnectionError extends LatchkeyError {
  readonly code = 'LATCHKEY_INSECURE_CONNECTION'

  constructor() {
    super(saying('errors.LATCHKEY_INSECURE_CONNECTION'))
  }
}
