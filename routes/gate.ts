import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sendsAcceptHtml } from '../plugins/negotiation.ts'
import { signsOf } from '../plugins/session/cross-site.ts'
import { CrossSiteError, SignInRequiredError } from '../src/errors/errors.ts'
import { appUrl, type GateRequest, groupsHeader, signInUrl, toHeader } from '../src/gate/gate-request.ts'
import { services } from '../src/open-services.ts'
import { accountOf, nameOf } from '../src/sessions/session-record.ts'
import { isUpgrade, sourceOf } from '../src/web/cross-origin.ts'

/**
 * Forward-auth endpoint: a proxy in front of another app asks before each request whether the user is signed
 * in. 204 with the id and the name, else 401; a browser gets the sign-in address. As cheap as any other read.
 */
export default async function gate(app: FastifyInstance) {
  const { config, paths, present, sessions } = app[services]
  const loginUrl = `${paths.pagesUrl}/login`

  // The check of other routes would compare with this site.
  app.get('/gate', { config: { pages: false, crossSite: true } }, async (request, reply) => {
    const asked = gateRequest(request)
    if (isUpgrade(request.headers) && !comesFromApp(request, asked)) throw new CrossSiteError()
    const user = nameOf(request.sessionData)
    if (user !== undefined) {
      const account = accountOf(request.sessionData)
      const ageSeconds = Math.floor(sessions.proofs.ageOf(request.sessionData) / 1000)
      if (account !== undefined) {
        reply.header('x-auth-id', account)
        const known = present.groupsOf(account)
        const groups = known instanceof Promise ? await known : known
        if (groups.length > 0) reply.header('remote-groups', groupsHeader(groups))
      }
      return reply
        .code(204)
        .header('remote-user', toHeader(user))
        .header('x-auth-session-age', ageSeconds)
        .send()
    }
    const way = sendsAcceptHtml(request) ? signInUrl(asked, config, loginUrl) : undefined
    if (way === undefined) throw new SignInRequiredError()
    if (asked.originalUrl === undefined) return reply.redirect(way, 303)
    // nginx cannot pass a redirect on, but can make one from this header.
    reply.header('location', way)
    throw new SignInRequiredError()
  })

  /** A WebSocket is opened only by a page of the app itself, or of TRUSTED_ORIGINS. */
  function comesFromApp(request: FastifyRequest, asked: GateRequest): boolean {
    const publicUrl = appUrl(asked)
    if (!publicUrl) return false
    const own = { publicUrl, trustedOrigins: config.trustedOrigins }
    return sourceOf({ ...signsOf(request), host: publicUrl.host }, own) === 'here'
  }
}

function gateRequest(request: FastifyRequest): GateRequest {
  const { protocol, host } = request
  return {
    originalUrl: request.forwarded('x-original-url'),
    uri: request.forwarded('x-forwarded-uri'),
    method: request.forwarded('x-forwarded-method'),
    protocol,
    host
  }
}
