import { inEnglish } from '../i18n/language.ts'
import { type Message, message } from '../i18n/texts.ts'
import type { ErrorDefinition } from './define-error.ts'
import { type Problem, problem } from './error-response.ts'
import { BadInputError, LatchkeyError } from './errors.ts'
import { BodyTooLargeError, InternalError, UnknownMediaTypeError } from './request-errors.ts'

/** Fastify errors with a code of ours; all others are bad input. */
const refusals: readonly ErrorDefinition[] = [BodyTooLargeError.definition, UnknownMediaTypeError.definition]

/** The public form of an error. Errors of 500 and above do not reveal details. */
export function problemOf(error: LatchkeyError | FrameworkError): Problem {
  if (error instanceof LatchkeyError) return error.toJSON()
  const status = statusOf(error)
  const userMessage = publicMessage(error)
  const detail = userMessage ? inEnglish(userMessage) : (ownRefusal(error)?.message ?? error.message)
  return problem({ status, detail, code: codeOf(error, status) })
}

/** The message for users; undefined if there is only `message`. */
export function publicMessage(error: LatchkeyError | FrameworkError): Message | undefined {
  if (error instanceof LatchkeyError) return error.publicMessage
  const status = statusOf(error)
  if (status === 500) return message('errors.LATCHKEY_INTERNAL')
  return status === 503 ? message('errors.LATCHKEY_STORAGE_UNAVAILABLE') : undefined
}

/** Codes of Fastify and others are not exposed: programs may rely on ours only. */
function codeOf(error: FrameworkError, status: number): string {
  const { code = '' } = error
  if (status === 500) return InternalError.definition.code
  if (!code.startsWith('FST_')) return code
  return (ownRefusal(error) ?? BadInputError.definition).code
}

function ownRefusal({ code = '', statusCode }: FrameworkError): ErrorDefinition | undefined {
  return code.startsWith('FST_') ? refusals.find(({ status }) => status === statusCode) : undefined
}

function statusOf({ statusCode = 500 }: FrameworkError): number {
  return statusCode < 500 || statusCode === 503 ? statusCode : 500
}

/** An error of Fastify. */
interface FrameworkError extends Error {
  readonly code: string
  readonly statusCode?: number | undefined
}
