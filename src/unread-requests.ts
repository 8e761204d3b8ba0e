import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type Problem, problemOf } from './problems.ts'

interface ReadError extends Error {
  readonly code: string
}

const problems: Readonly<Record<string, Problem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: problem(408, 'LATCHKEY_REQUEST_TIMEOUT', 'The request took too long to arrive.'),
  HPE_HEADER_OVERFLOW: problem(431, 'LATCHKEY_HEADERS_TOO_LARGE', 'The request has too much in its headers.'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: problem(413, 'LATCHKEY_BODY_TOO_LARGE', 'The request is too large.')
}
const notHttp = problem(400, 'LATCHKEY_NOT_HTTP', 'This is not a request that can be read.')

/**
 * Answers what never became a whole request, because it was too slow, too large or no HTTP, and closes the
 * connection. Whether a browser asked cannot be known: everybody gets problem+json.
 */
export function answerUnread(
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

function problem(statusCode: number, code: string, message: string): Problem {
  return problemOf(Object.assign(new Error(message), { code, statusCode }))
}
