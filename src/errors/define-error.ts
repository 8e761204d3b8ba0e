import { inEnglish, isTextKey } from '../i18n/language.ts'
import { type Message, message, type ParamsOf, type TextKey } from '../i18n/texts.ts'
import { errorHeaders, type Problem, problem } from './error-response.ts'

/** Who has to act on an error: `operator` is whoever runs the service. */
export type Actor = 'operator' | 'administrator' | 'user' | 'client' | 'application' | 'nobody'

/** The definition of an error, except its texts. docs/operating.md has a row for each. */
export interface ErrorDefinition<Code extends string = string> {
  /** Stable: programs may rely on it. */
  readonly code: Code
  /** The HTTP status; undefined for an error that is never a response. */
  readonly status: number | undefined
  readonly actor: Actor
  /** The English message of an error that has no text `errors.CODE`: for programs and operators. */
  readonly message?: string
}

/**
 * The base class of all errors that Latchkey throws. `code` is stable: programs may rely on it. Each has what an error
 * handler needs that knows nothing of Latchkey: `statusCode`, `status` and `expose` as errors of http-errors have,
 * `headers`, and as JSON a public body.
 */
export abstract class LatchkeyError extends Error {
  abstract readonly code: string
  /**
   * The message for users, in any language; undefined if the error is for programs or operators, in English.
   */
  readonly userMessage: Message | undefined
  /** When trying again may help. */
  declare readonly retryAfterSeconds?: number

  /** @param options.isExpected no stack trace, which takes a third of the time of a refusal */
  constructor(what: Message | string, options: ErrorOptions & { readonly isExpected?: boolean } = {}) {
    const { stackTraceLimit } = Error
    if (options.isExpected) Error.stackTraceLimit = 0
    super(typeof what === 'string' ? what : inEnglish(what), options)
    Error.stackTraceLimit = stackTraceLimit
    this.userMessage = typeof what === 'string' ? undefined : what
  }

  /** Fastify's default error handler uses it. */
  get statusCode(): number {
    return 500
  }

  /** Express's default error handler uses it. */
  get status(): number {
    return this.statusCode
  }

  /** Whether clients may read `message`. Without it NestJS answers 500. */
  get expose(): boolean {
    return this.statusCode < 500
  }

  /** The headers of the response. The default error handlers of Fastify and Express use them. */
  get headers(): Readonly<Record<string, string>> {
    return errorHeaders(this.statusCode, this.retryAfterSeconds)
  }

  /** What users may read of it; undefined if that is `message`. */
  get publicMessage(): Message | undefined {
    if (this.statusCode < 500) return this.userMessage
    if (this.statusCode !== 503) return message('errors.LATCHKEY_INTERNAL')
    return this.userMessage ?? message('errors.LATCHKEY_STORAGE_UNAVAILABLE')
  }

  /** Further members of the body (RFC 9457 §3.2). */
  get members(): Readonly<Record<string, unknown>> {
    return {}
  }

  /** The body of the response, for programs: problem details (RFC 9457), without what is nobody else's business. */
  toJSON(): Problem {
    const { statusCode: status, code, publicMessage } = this
    const detail = publicMessage ? inEnglish(publicMessage) : this.message
    return { ...problem({ status, code, detail }), ...this.members }
  }

  override get name() {
    return this.constructor.name
  }
}

/** A class to extend. The constructor's argument replaces the text `errors.CODE`. */
export interface DefinedError<Code extends string> {
  readonly definition: ErrorDefinition<Code>
  new (...what: WhatOf<Code>): LatchkeyError & { readonly code: Code }
}

/** The argument is optional if the text has no parameters. */
type WhatOf<Code extends string> = `errors.${Code}` extends infer Key extends TextKey
  ? ParamsOf<Key> extends []
    ? [what?: Message | string, options?: ErrorOptions]
    : [what: Message | string, options?: ErrorOptions]
  : [what?: Message | string, options?: ErrorOptions]

/**
 * Defines an error: `class NameTakenError extends defineError(code, { status: 409, … }) {}`. Its text is
 * `errors.<code>` in every language, or `message` if it is for programs only.
 */
export function defineError<const Code extends string>(
  code: Code,
  row: Omit<ErrorDefinition, 'code'>
): DefinedError<Code> {
  return class extends LatchkeyError {
    static readonly definition = { code, ...row }
    readonly code = code

    constructor(what: Message | string = textOf(code, row.message), options?: ErrorOptions) {
      super(what, { ...options, isExpected: isExpected(row) })
    }

    override get statusCode() {
      return row.status ?? super.statusCode
    }
  }
}

/** Answers that say who has to do what need no stack trace. */
function isExpected({ status = 500 }: Omit<ErrorDefinition, 'code'>): boolean {
  return status < 500 || status === 503
}

function textOf(code: string, message = code): Message | string {
  const key = `errors.${code}`
  return isTextKey(key) ? { key, params: {} } : message
}
