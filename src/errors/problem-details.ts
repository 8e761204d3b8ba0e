import { STATUS_CODES } from 'node:http'
import { inEnglish } from '../i18n/language.ts'
import { type Message, message } from '../i18n/texts.ts'
import type { ErrorDefinition } from './define-error.ts'
import { BadInputError, LatchkeyError } from './errors.ts'
import { BodyTooLargeError, InternalError, UnknownMediaTypeError } from './request-errors.ts'

/** RFC 9457 problem details, for programs and the error page, with a stable `code`. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
}

/** Fastify errors with a code of ours; all others are bad input. */
const refusals: readonly ErrorDefinition[] = [BodyTooLargeError.definition, UnknownMediaTypeError.definition]

/** The public form of an error. Errors of 500 and above do not reveal details. */
export function problemOf(error: LatchkeyError | FrameworkError): Problem {
  const status = statusOf(error)
  const userMessage = publicMessage(error)
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: userMessage ? inEnglish(userMessage) : (ownRefusal(error)?.message ?? error.message),
    code: codeOf(error, status)
  }
}

/** The message for users; undefined if there is only `message`. */
export function publicMessage(error: LatchkeyError | FrameworkError): Message | undefined {
  const status = statusOf(error)
  if (status === 500) return message('errors.LATCHKEY_INTERNAL')
  const own = 'userMessage' in error ? error.userMessage : undefined
  return status === 503 ? (own ?? message('errors.LATCHKEY_STORAGE_UNAVAILABLE')) : own
}

/** Codes of Fastify and others are not exposed: programs may rely on ours only. */
function codeOf(error: LatchkeyError | FrameworkError, status: number): string {
  const { code = '' } = error
  if (error instanceof LatchkeyError) return code
  if (status === 500) return InternalError.definition.code
  if (!code.startsWith('FST_')) return code
  return (ownRefusal(error) ?? BadInputError.definition).code
}

function ownRefusal({ code = '', statusCode }: LatchkeyError | FrameworkError): ErrorDefinition | undefined {
  return code.startsWith('FST_') ? refusals.find(({ status }) => status === statusCode) : undefined
}

function statusOf({ statusCode = 500 }: LatchkeyError | FrameworkError): number {
  return statusCode < 500 || statusCode === 503 ? statusCode : 500
}

/** An error of Fastify. */
interface FrameworkError extends Error {
  readonly code: string
  readonly statusCode?: number | undefined
}
