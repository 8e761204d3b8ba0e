import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendsAcceptHtml } from '../plugins/negotiation.ts'
import { signsOf } from '../plugins/session/cross-site.ts'
import type { LatchkeyError } from '../src/errors/define-error.ts'
import { CrossSiteError, NotAllowedError, SignInRequiredError } from '../src/errors/errors.ts'
import { RecentProofRequiredError } from '../src/errors/proof-errors.ts'
import { appUrl, type GateRequest, groupsHeader, signInUrl, toHeader } from '../src/gate/gate-request.ts'
import type { Outcome } from '../src/gate/rules/rule.ts'
import { services } from '../src/open-services.ts'
import { accountOf, nameOf } from '../src/sessions/session-record.ts'
import { isUpgrade, sourceOf } from '../src/web/cross-origin.ts'

/** Where a browser is led, and what a program gets. */
const refusals: Record<Exclude<Outcome, 'allow'>, { page: string; error: () => LatchkeyError }> = {
  'sign-in': { page: '/login', error: () => new SignInRequiredError() },
  prove: { page: '/confirm', error: () => new RecentProofRequiredError() },
  deny: { page: '/refused', error: () => new NotAllowedError() }
}
/** The check of other routes would compare with this site. */
const ofApps = { config: { pages: false, crossSite: true } }
const envoy = '/gate/envoy'

/**
 * Forward-auth endpoint: a proxy in front of another app asks before each request whether it may pass. 204 with the
 * user's id and name, else 401 or 403; a browser gets the address of the page that helps. As cheap as any other read.
 */
export default async function gate(app: FastifyInstance) {
  const { config, paths, present, sessions } = app[services]

  app.get('/gate', ofApps, async (request, reply) => answer(request, reply.code(204), gateRequest(request)))

  // Envoy sends the request itself, with this in front of its path, and takes only 200 for a yes.
  app.all(`${envoy}/*`, ofApps, async (request, reply) => {
    const { url = '', method } = request.raw
    const uri = request.forwarded('x-forwarded-for') && url.slice(envoy.length)
    return answer(request, reply.code(200), { ...gateRequest(request), originalUrl: undefined, uri, method })
  })

  async function answer(request: FastifyRequest, reply: FastifyReply, asked: GateRequest) {
    if (isUpgrade(request.headers) && !comesFromApp(request, asked)) throw new CrossSiteError()
    const { outcome } = await request.decideAtGate(asked)
    if (outcome === 'allow') {
      await nameUser(request, reply)
      return reply.send()
    }
    const { page, error } = refusals[outcome]
    const way = sendsAcceptHtml(request) ? signInUrl(asked, config, `${paths.pagesUrl}${page}`) : undefined
    if (way === undefined) throw error()
    if (asked.originalUrl === undefined) return reply.redirect(way, 303)
    // nginx cannot pass a redirect on, but can make one from this header.
    reply.header('location', way)
    throw error()
  }

  /** Nobody may be signed in, where a rule allows that. */
  async function nameUser({ sessionData }: FastifyRequest, reply: FastifyReply): Promise<void> {
    const user = nameOf(sessionData)
    if (user === undefined) return
    const account = accountOf(sessionData)
    const ageSeconds = Math.floor(sessions.proofs.ageOf(sessionData) / 1000)
    reply.header('remote-user', toHeader(user)).header('x-auth-session-age', ageSeconds)
    if (account === undefined) return
    const known = present.groupsOf(account)
    const groups = known instanceof Promise ? await known : known
    reply.header('x-auth-id', account)
    if (groups.length > 0) reply.header('remote-groups', groupsHeader(groups))
  }

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
    originalMethod: request.forwarded('x-original-method'),
    protocol,
    host
  }
}
