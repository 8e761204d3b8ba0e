import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sendsAcceptHtml } from '../plugins/negotiation.ts'
import { SignInRequiredError } from '../src/errors/errors.ts'
import { signInUrl, toHeader } from '../src/gate/gate-request.ts'
import { ownerOf } from '../src/sessions/session-record.ts'

/**
 * Forward-auth endpoint: a proxy in front of another app asks before each request whether the user is signed
 * in. 204 with the name, else 401; a browser gets the sign-in address. As cheap as any other read.
 */
export default async function gate(app: FastifyInstance) {
  const { config, sessions } = app.latchkey

  app.get('/gate', { config: { pages: false } }, async (request, reply) => {
    const user = ownerOf(request.sessionData)
    if (user !== undefined) {
      const ageSeconds = Math.floor(sessions.ageOf(request.sessionData) / 1000)
      return reply
        .code(204)
        .header('remote-user', toHeader(user))
        .header('x-auth-session-age', ageSeconds)
        .send()
    }
    const asked = gateRequest(request)
    const way = sendsAcceptHtml(request) ? signInUrl(asked, config) : undefined
    if (way === undefined) throw new SignInRequiredError()
    if (asked.originalUrl === undefined) return reply.redirect(way, 303)
    // nginx cannot pass a redirect on, but can make one from this header.
    reply.header('location', way)
    throw new SignInRequiredError()
  })
}

function gateRequest(request: FastifyRequest) {
  const { protocol, host } = request
  return {
    originalUrl: request.forwarded('x-original-url'),
    uri: request.forwarded('x-forwarded-uri'),
    method: request.forwarded('x-forwarded-method'),
    protocol,
    host
  }
}
