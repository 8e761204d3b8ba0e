import { STATUS_CODES } from 'node:http'
import type { LatchkeyError } from './errors.ts'

/** What went wrong, for programs and for the error page: RFC 9457, with a stable `code` of ours. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
}

/** Says in public what an error means. Faults on our side (500 and up) keep their details to themselves. */
export function problemOf(error: LatchkeyError | FrameworkError): Problem {
  const status = error.statusCode
  if (status !== undefined && status < 500) return makeProblem(status, error.code, error.message)
  if (status === 503) {
    return makeProblem(
      503,
      error.code,
      'Our storage does not answer right now. Nothing is lost: try again in a moment.'
    )
  }
  return makeProblem(
    500,
    'LATCHKEY_INTERNAL',
    'Something went wrong on our side. Nothing you did is lost; try again.'
  )
}

/** What the web framework throws. */
interface FrameworkError extends Error {
  readonly code: string
  readonly statusCode?: number | undefined
}

function makeProblem(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code }
}
