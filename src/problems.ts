import { STATUS_CODES } from 'node:http'
import { LatchkeyError } from './errors.ts'

/** What went wrong, for programs and for the error page: RFC 9457, with a stable `code` of ours. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
}

/** Any other error of ours is a fault on our side. */
const statusByCode: Readonly<Record<string, number>> = {
  LATCHKEY_SIGN_IN_REQUIRED: 401,
  LATCHKEY_RECENT_PROOF_REQUIRED: 401,
  LATCHKEY_WRONG_CREDENTIALS: 401,
  LATCHKEY_BAD_INPUT: 400,
  LATCHKEY_ADDRESS_TOO_LONG: 414,
  LATCHKEY_INSECURE_CONNECTION: 400,
  LATCHKEY_NAME_TAKEN: 409,
  LATCHKEY_REGISTRATION_CLOSED: 403,
  LATCHKEY_CROSS_SITE: 403,
  LATCHKEY_UNKNOWN_HOST: 403,
  LATCHKEY_STORAGE_UNAVAILABLE: 503
}

/** Says in public what an error means. Faults on our side (500 and up) keep their details to themselves. */
export function problemOf(error: LatchkeyError | FrameworkError): Problem {
  const status = error instanceof LatchkeyError ? statusByCode[error.code] : error.statusCode
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

export const notFound = makeProblem(404, 'LATCHKEY_NOT_FOUND', 'There is nothing at this address.')

/** What the web framework throws. */
interface FrameworkError extends Error {
  readonly code: string
  readonly statusCode?: number | undefined
}

function makeProblem(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code }
}
