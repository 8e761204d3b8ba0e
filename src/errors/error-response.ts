import { STATUS_CODES } from '../web/http.ts'

/** RFC 9457 problem details, for programs and the error page, with a stable `code`. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
}

export function problem({ status, ...rest }: Pick<Problem, 'status' | 'detail' | 'code'>): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, ...rest }
}

/**
 * The headers of every response to an error. A 401 must name a scheme (RFC 9110 §15.5.2); browsers do not know this one, and ask
 * for no password.
 * @param retryAfterSeconds when trying again may help
 */
export function errorHeaders(status: number, retryAfterSeconds?: number): Readonly<Record<string, string>> {
  return {
    'cache-control': 'no-store',
    ...(status === 401 && { 'www-authenticate': 'Session realm="Latchkey"' }),
    ...(retryAfterSeconds !== undefined && { 'retry-after': `${retryAfterSeconds}` })
  }
}
