import { finished } from 'node:stream/promises'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  type LatchkeyError,
  RecentProofRequiredError,
  SessionDataError,
  SignInRequiredError,
  StorageError
} from '../src/errors.ts'
import { notFound, type Problem, problemOf } from '../src/problems.ts'
import { wantsPage } from './negotiation.ts'

/** The one place that turns an error into a page, a redirect or problem+json. */
export default fp(
  async (app) => {
    app.setErrorHandler<FastifyError | LatchkeyError>((error, request, reply) => {
      leaveBrokenSessionAlone(error, request)
      const proof = pageToProve(error)
      if (proof && wantsPage(request)) return sendToProve(proof, request, reply)
      const problem = problemOf(error)
      if (error instanceof StorageError) {
        request.log.error(`${error.message}: ${error.cause}`)
        reply.header('retry-after', error.retryAfterSeconds)
      } else if (problem.status >= 500) request.log.error(error)
      return sendProblem(problem, request, reply)
    })
    app.setNotFoundHandler((request, reply) => sendProblem(notFound, request, reply))
  },
  { name: 'latchkey-errors', dependencies: ['latchkey-negotiation', 'latchkey-session', 'latchkey-views'] }
)

/** A session that could not be kept is not tried again on the way out, and the cookie stays as it is. */
function leaveBrokenSessionAlone(error: unknown, request: FastifyRequest): void {
  if (error instanceof StorageError || error instanceof SessionDataError)
    Object.assign(request, { session: null })
}

/** Where people prove who they are, when that is what is missing. */
function pageToProve(error: unknown): string | undefined {
  if (error instanceof SignInRequiredError) return '/login'
  if (error instanceof RecentProofRequiredError) return '/confirm'
  return undefined
}

function sendToProve(page: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const canComeBack = request.method === 'GET' || request.method === 'HEAD'
  const next = canComeBack ? `?next=${encodeURIComponent(request.url)}` : ''
  return reply.redirect(page + next, 303)
}

async function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply) {
  reply.code(problem.status).header('cache-control', 'no-store')
  if (problem.status === 401) reply.header('www-authenticate', 'Session realm="Latchkey"')
  if (problem.status === 413) await restOfBody(request)
  if (!wantsPage(request)) return reply.type('application/problem+json').send(JSON.stringify(problem))
  // Not reply.page(): a request whose address cannot be decoded has no decorators yet.
  const page = await request.server.page('error', { title: problem.title, problem })
  return reply.type('text/html; charset=utf-8').send(page)
}

/**
 * Reads what is still on its way and drops it. Answering and closing before would reset the connection, and
 * the sender would never see the answer. The server's request timeout is the limit.
 */
async function restOfBody({ raw }: FastifyRequest): Promise<void> {
  raw.resume()
  await finished(raw).catch(() => {
    // The sender left: there is nobody to answer.
  })
}
