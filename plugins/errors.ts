import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { LatchkeyError, SignInRequiredError, StorageError } from '../src/errors.ts'
import { wantsPage } from './negotiation.ts'

const statusByCode: Readonly<Record<string, number>> = {
  LATCHKEY_SIGN_IN_REQUIRED: 401,
  LATCHKEY_WRONG_CREDENTIALS: 401,
  LATCHKEY_BAD_INPUT: 400,
  LATCHKEY_NAME_TAKEN: 409,
  LATCHKEY_REGISTRATION_CLOSED: 403,
  LATCHKEY_CROSS_SITE: 403,
  LATCHKEY_STORAGE_UNAVAILABLE: 503
}

/** A problem as RFC 9457 has it; `code` is ours and stable. */
interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
}

/** The one place that turns an error into a page, a redirect or problem+json. */
export default fp(
  async (app) => {
    app.setErrorHandler<FastifyError | LatchkeyError>((error, request, reply) => {
      leaveBrokenSessionAlone(error, request)
      if (error instanceof SignInRequiredError && wantsPage(request)) return toSignIn(request, reply)
      return sendProblem({ problem: problemOf(error, request), error, request, reply })
    })

    app.setNotFoundHandler((request, reply) => {
      const problem = makeProblem(404, 'NOT_FOUND', 'There is nothing at this address.')
      return sendProblem({ problem, error: undefined, request, reply })
    })
  },
  { name: 'latchkey-errors', dependencies: ['latchkey-negotiation', 'latchkey-session', 'latchkey-views'] }
)

/** A session the store could not keep is not tried again on the way out, and the cookie stays as it is. */
function leaveBrokenSessionAlone(error: unknown, request: FastifyRequest): void {
  if (error instanceof StorageError) Object.assign(request, { session: null })
}

function toSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const canComeBack = request.method === 'GET' || request.method === 'HEAD'
  const next = canComeBack ? `?next=${encodeURIComponent(request.url)}` : ''
  return reply.redirect(`/login${next}`, 303)
}

function problemOf(error: FastifyError | LatchkeyError, request: FastifyRequest): Problem {
  const status = error instanceof LatchkeyError ? statusByCode[error.code] : error.statusCode
  if (status !== undefined && status < 500) return makeProblem(status, error.code, error.message)
  request.log.error(error)
  if (status === 503)
    return makeProblem(
      503,
      error.code,
      'We cannot look that up right now. Nothing is lost: try again in a moment.'
    )
  return makeProblem(500, 'INTERNAL', 'Something went wrong on our side. Nothing you did is lost; try again.')
}

function makeProblem(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code }
}

interface Failure {
  readonly problem: Problem
  readonly error: unknown
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

async function sendProblem({ problem, error, request, reply }: Failure): Promise<FastifyReply> {
  reply.code(problem.status).header('cache-control', 'no-store')
  if (problem.status === 401) reply.header('www-authenticate', 'Session realm="Latchkey"')
  if (error instanceof StorageError) reply.header('retry-after', error.retryAfterSeconds)
  // Closing at once would reset a body still on its way and the answer with it; Node reads the rest and drops it.
  if (problem.status === 413) reply.removeHeader('connection')
  if (!wantsPage(request)) return reply.type('application/problem+json').send(JSON.stringify(problem))
  // Not reply.page(): a request whose address cannot be decoded has no decorators yet.
  const page = await request.server.page('error', { title: problem.title, problem })
  return reply.type('text/html; charset=utf-8').send(page)
}
