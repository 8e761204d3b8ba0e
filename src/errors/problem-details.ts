import { STATUS_CODES } from 'node:http'
import { inEnglish } from '../i18n/language.ts'
import { type Message, message } from '../i18n/texts.ts'
import { BadInputError, type LatchkeyError } from './errors.ts'
import { BodyTooLargeError, InternalError, UnknownMediaTypeError } from './request-errors.ts'

/** What went wrong, for programs and for the error page: RFC 9457, with a stable `code` of ours. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
}

/** What the web framework refuses by itself; all else of it is bad input. */
const refusals = [BodyTooLargeError.definition, UnknownMediaTypeError.definition]

/** Says in public what an error means. Faults on our side (500 and up) keep their details to themselves. */
export function problemOf(error: LatchkeyError | FrameworkError): Problem {
  const status = statusOf(error)
  const userMessage = publicMessage(error)
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: userMessage ? inEnglish(userMessage) : error.message,
    code: codeOf(error, status)
  }
}

/** What people are told of an error; undefined where its message is all there is. */
export function publicMessage(error: LatchkeyError | FrameworkError): Message | undefined {
  const status = statusOf(error)
  if (status === 500) return message('errors.LATCHKEY_INTERNAL')
  const own = 'userMessage' in error ? error.userMessage : undefined
  return status === 503 ? (own ?? message('errors.LATCHKEY_STORAGE_UNAVAILABLE')) : own
}

/** Fastify's own codes are its own affair: programs may rely on ours only. */
function codeOf({ code = '' }: LatchkeyError | FrameworkError, status: number): string {
  if (status === 500) return InternalError.definition.code
  if (!code.startsWith('FST_')) return code
  return (refusals.find((refusal) => refusal.status === status) ?? BadInputError.definition).code
}

function statusOf({ statusCode = 500 }: LatchkeyError | FrameworkError): number {
  return statusCode < 500 || statusCode === 503 ? statusCode : 500
}

/** What the web framework throws. */
interface FrameworkError extends Error {
  readonly code: string
  readonly statusCode?: number | undefined
}
