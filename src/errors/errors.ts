import { inspect } from 'node:util'
import { message } from '../i18n/texts.ts'
import { type Throttling, waitMessage } from '../i18n/wait-message.ts'
import { visible } from '../primitives/visible-text.ts'
import { defineError } from './define-error.ts'

export * from './administration-errors.ts'
export { LatchkeyError } from './define-error.ts'
export * from './mail-errors.ts'
export * from './passkey-errors.ts'
export * from './proof-errors.ts'
export * from './token-errors.ts'

const daySeconds = 24 * 60 * 60

/** Wrong settings: the service does not start. Has one sentence for each fault. */
export class ConfigError extends defineError('LATCHKEY_CONFIG', { status: undefined, actor: 'operator' }) {
  readonly #faults: readonly string[]

  constructor(sentences: readonly string[]) {
    const faults = sentences.map(visible)
    super(`Latchkey cannot run with these settings:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.#faults = faults
    this.stack = this.message
  }

  /** fastify-cli and Node print only the sentences. */
  [inspect.custom]() {
    return this.message
  }

  get faults() {
    return this.#faults
  }
}

/** Accounts or sessions could not be read or written. Trying again may help. */
export class StorageError extends defineError('LATCHKEY_STORAGE_UNAVAILABLE', {
  status: 503,
  actor: 'operator'
}) {
  override readonly retryAfterSeconds = 5
  /** A write that was sent and not answered; otherwise nothing was changed. */
  readonly mayBeDone: boolean

  constructor(what: string, cause: unknown, { mayBeDone = false } = {}) {
    super(`${what} did not answer`, { cause })
    this.mayBeDone = mayBeDone
  }
}

/**
 * It is not known whether an account was changed, or it was, and its sessions end only when the stores answer again.
 * Nobody has to undo anything: what the change ends does end, and making it again is safe.
 */
export class ChangeUnknownError extends defineError('LATCHKEY_CHANGE_UNKNOWN', {
  status: 503,
  actor: 'operator'
}) {
  override readonly retryAfterSeconds = 5

  constructor(cause: unknown) {
    super(message('errors.LATCHKEY_CHANGE_UNKNOWN'), { cause })
  }
}

/** Too many concurrent sign-ins to verify their passwords. Nothing was changed. */
export class BusyError extends defineError('LATCHKEY_BUSY', { status: 503, actor: 'nobody' }) {
  override readonly retryAfterSeconds = 5
}

/** The process is overloaded. The request was not started. */
export class OverloadedError extends defineError('LATCHKEY_OVERLOADED', { status: 503, actor: 'operator' }) {
  override readonly retryAfterSeconds = 5
}

/** The application put something into a session that cannot be stored. The stored session is unchanged. */
export class SessionDataError extends defineError('LATCHKEY_SESSION_DATA', {
  status: 500,
  actor: 'application'
}) {
  constructor(why: string) {
    super(`The session cannot be stored: ${why}.`)
  }
}

/** The request needs a signed-in user. */
export class SignInRequiredError extends defineError('LATCHKEY_SIGN_IN_REQUIRED', {
  status: 401,
  actor: 'user'
}) {}

/**
 * The reason of `request.signedIn` after the session was ended: by a sign-out, a change of the account, an
 * administrator.
 */
export class SessionEndedError extends defineError('LATCHKEY_SESSION_ENDED', {
  status: 401,
  actor: 'user',
  message: 'The session was ended.'
}) {}

/** The reason of `request.signedIn` after the idle timeout or the absolute lifetime. */
export class SessionExpiredError extends defineError('LATCHKEY_SESSION_EXPIRED', {
  status: 401,
  actor: 'user',
  message: 'The session has expired.'
}) {}

/** The reason of `request.signedIn` after the store of the session has not answered for five seconds. */
export class SessionUnknownError extends defineError('LATCHKEY_SESSION_UNKNOWN', {
  status: 503,
  actor: 'operator',
  message: 'It is not known whether the session has ended.'
}) {
  override readonly retryAfterSeconds = 5
}

/** The user's role does not allow this. */
export class RoleRequiredError extends defineError('LATCHKEY_ROLE_REQUIRED', {
  status: 403,
  actor: 'operator'
}) {}

/** The rules of the gate do not let this user, or this visitor, to the app. */
export class NotAllowedError extends defineError('LATCHKEY_NOT_ALLOWED', {
  status: 403,
  actor: 'operator'
}) {}

/**
 * The user could be a program, which sends a password only after it was asked for one (RFC 7617). A browser would ask its
 * user for it, so it gets the other error.
 */
export class ProgramSignInRequiredError extends SignInRequiredError {
  override get headers() {
    return { ...super.headers, 'www-authenticate': 'Basic realm="Latchkey", charset="UTF-8"' }
  }
}

/** The user is not in the group, or in none of those, that this needs. */
export class GroupRequiredError extends defineError('LATCHKEY_GROUP_REQUIRED', {
  status: 403,
  actor: 'operator'
}) {}

/** The account changed after its password was verified and before the sign-in was complete. */
export class SignInUndoneError extends defineError('LATCHKEY_SIGN_IN_UNDONE', {
  status: 401,
  actor: 'user'
}) {}

/** Name and password do not match. One message for both causes (ASVS 6.3.8). */
export class WrongCredentialsError extends defineError('LATCHKEY_WRONG_CREDENTIALS', {
  status: 401,
  actor: 'user'
}) {}

/** Too many attempts; this one was not checked. It does not tell whether the name exists. */
export class ThrottledError extends defineError('LATCHKEY_THROTTLED', { status: 429, actor: 'nobody' }) {
  override readonly retryAfterSeconds: number

  /** @param seconds until the next attempt is checked; Infinity: none until the account is opened */
  constructor(seconds: number, what: Throttling = 'stranger') {
    super(waitMessage(seconds, what))
    this.retryAfterSeconds = Math.min(seconds, daySeconds)
  }
}

/** The input breaks a rule, which the message names. */
export class BadInputError extends defineError('LATCHKEY_BAD_INPUT', { status: 400, actor: 'client' }) {}

/** There is nothing at this address. */
export class NotFoundError extends defineError('LATCHKEY_NOT_FOUND', { status: 404, actor: 'client' }) {}

/** A link from a mail or of the command opens nothing: it was used, is too old, or what it is for has changed since. */
export class LinkInvalidError extends defineError('LATCHKEY_LINK_INVALID', { status: 404, actor: 'user' }) {}

/** There is no account with this name. */
export class NoSuchAccountError extends defineError('LATCHKEY_NO_SUCH_ACCOUNT', {
  status: 404,
  actor: 'administrator'
}) {
  constructor(name: string) {
    super(message('errors.LATCHKEY_NO_SUCH_ACCOUNT', { name }))
  }
}

/** There is no group with this name. */
export class NoSuchGroupError extends defineError('LATCHKEY_NO_SUCH_GROUP', {
  status: 404,
  actor: 'administrator'
}) {
  constructor(group: string) {
    super(message('errors.LATCHKEY_NO_SUCH_GROUP', { group }))
  }
}

/** A form was shown to one user and sent while another one was signed in. Nothing was done. */
export class OtherUserError extends defineError('LATCHKEY_OTHER_USER', { status: 409, actor: 'user' }) {}

/** The address is longer than any that exists here. */
export class AddressTooLongError extends defineError('LATCHKEY_ADDRESS_TOO_LONG', {
  status: 414,
  actor: 'client'
}) {
  constructor(longest: number) {
    super(message('errors.LATCHKEY_ADDRESS_TOO_LONG', { longest }))
  }
}

export class NameTakenError extends defineError('LATCHKEY_NAME_TAKEN', { status: 409, actor: 'user' }) {}

/** Visitors cannot register. */
export class RegistrationClosedError extends defineError('LATCHKEY_REGISTRATION_CLOSED', {
  status: 403,
  actor: 'operator'
}) {}

/** The first account is for whoever runs this: the start prints a link with a code. */
export class FirstAccountCodeError extends defineError('LATCHKEY_FIRST_ACCOUNT_CODE', {
  status: 403,
  actor: 'operator'
}) {}

/** A page of another site sent the request (ASVS 3.5.1). */
export class CrossSiteError extends defineError('LATCHKEY_CROSS_SITE', { status: 403, actor: 'nobody' }) {}

/** The browser used a host name that anybody could have pointed here. */
export class UnknownHostError extends defineError('LATCHKEY_UNKNOWN_HOST', {
  status: 403,
  actor: 'operator'
}) {
  constructor(host: string) {
    super(message('errors.LATCHKEY_UNKNOWN_HOST', { host }))
  }
}

/** PUBLIC_URL is https but the request came over http: the browser would drop the cookie. */
export class InsecureConnectionError extends defineError('LATCHKEY_INSECURE_CONNECTION', {
  status: 400,
  actor: 'operator'
}) {}
