import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { errorHeaders, type Problem } from '../../src/errors/error-response.ts'
import { BusyError, LatchkeyError, OverloadedError, StorageError } from '../../src/errors/errors.ts'
import { problemOf, publicMessage } from '../../src/errors/problem-details.ts'
import { BodyTooLargeError } from '../../src/errors/request-errors.ts'
import { isTextKey } from '../../src/i18n/language.ts'
import { type Message, message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'
import { acceptsHtml } from '../negotiation.ts'
import { signInPath } from '../sign-in-path.ts'
import { variesBy } from './views.ts'

type AnyError = FastifyError | LatchkeyError

const badInput = message('errors.LATCHKEY_BAD_INPUT')

/** The only place that turns an error into a page, a redirect or problem+json. */
export default fp(
  async (app) => {
    app.setErrorHandler<AnyError>(async (thrown, request, reply) => {
      const { saveError } = request
      if (saveError) logError(request, thrown)
      const error = (saveError ?? thrown) as AnyError
      const place = signInPath(error, request, app[services].paths)
      if (place) return reply.redirect(place, 303)
      const problem = problemOf(error)
      logError(request, error)
      const headers = error instanceof LatchkeyError ? error.headers : errorHeaders(problem.status)
      reply.code(problem.status).headers(headers)
      if (problem.status === 413) await restOfBody(request)
      return showsPages() && acceptsHtml(request) ? sendPage(error, request, reply) : sendJson(problem, reply)
    })

    /** A host app may have no pages. */
    function showsPages(): boolean {
      return app.hasDecorator('page')
    }

    async function sendPage(error: AnyError, request: FastifyRequest, reply: FastifyReply) {
      const problem = problemOf(error)
      const data = { title: headingOf(problem), problem, error: publicError(error) }
      // Not reply.page(): a request with an invalid address has no decorators yet.
      const page = await app.page(request, 'error', data)
      return reply.type('text/html; charset=utf-8').header('vary', variesBy).send(page)
    }
  },
  { name: 'latchkey-errors', dependencies: ['latchkey-negotiation', 'latchkey-session'] }
)

function logError({ log }: FastifyRequest, error: AnyError): void {
  if (error instanceof StorageError) log.error(`${error.message}: ${error.cause}`)
  else if (isTemporary(error)) log.warn(error.message)
  else if (problemOf(error).status >= 500) log.error(error)
}

/** Temporary and nobody's fault: logged in one line, without a stack trace. */
function isTemporary(error: unknown): error is BusyError | OverloadedError {
  return error instanceof BusyError || error instanceof OverloadedError
}

/** The heading for the name of the status. */
function headingOf({ title }: Problem): Message {
  const key = `headings.${title}`
  return isTextKey(key) ? { key, params: {} } : message('headings.Error')
}

/** Fastify's messages are for programs; users get a text in their language. */
function publicError(error: AnyError) {
  const isForPrograms = error.code?.startsWith('FST_') || error instanceof BodyTooLargeError
  const userMessage = publicMessage(error) ?? (isForPrograms ? badInput : undefined)
  return { userMessage, message: error.message }
}

function sendJson(problem: Problem, reply: FastifyReply): FastifyReply {
  return reply.type('application/problem+json').send(JSON.stringify(problem))
}

/**
 * Reads and drops the rest of the body. Closing the connection at once would reset it, and the client would
 * never see the response. The server's request timeout limits it.
 */
async function restOfBody({ raw }: FastifyRequest): Promise<void> {
  if (raw.readableEnded || raw.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  // An error means that the client has disconnected; it closes too.
  raw.on('end', resolve).on('close', resolve).on('error', resolve).resume()
  await promise
}
