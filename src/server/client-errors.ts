import type { Socket } from 'node:net'
import type { Problem } from '../errors/error-response.ts'
import { problemOf } from '../errors/problem-details.ts'
import {
  BodyTooLargeError,
  HeadersTooLargeError,
  NotHttpError,
  RequestTimeoutError
} from '../errors/request-errors.ts'
import { STATUS_CODES } from '../web/http.ts'

interface ReadError extends Error {
  readonly code: string
}

const problems: Readonly<Record<string, Problem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: problemOf(new RequestTimeoutError()),
  HPE_HEADER_OVERFLOW: problemOf(new HeadersTooLargeError()),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: problemOf(new BodyTooLargeError())
}
const notHttp = problemOf(new NotHttpError())

/**
 * Answers requests that did not arrive whole, because they were too slow, too large or invalid HTTP, and
 * closes the connection. It is unknown whether a browser sent them, so the answer is problem+json.
 */
export function answerClientError(
  error: ReadError,
  socket: Socket,
  headers: Readonly<Record<string, string>>
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const answer = problems[error.code] ?? notHttp
  const body = JSON.stringify(answer)
  const lines = Object.entries({
    ...headers,
    'cache-control': 'no-store',
    connection: 'close',
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body)
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${lines.join('')}\r\n${body}`)
  socket.destroySoon()
}
