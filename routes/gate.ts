import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendsAcceptHtml } from '../plugins/negotiation.ts'
import { signsOf } from '../plugins/session/cross-site.ts'
import { askedIn } from '../plugins/sign-in-path.ts'
import {
  CrossSiteError,
  NotAllowedError,
  ProgramSignInRequiredError,
  RecentProofRequiredError,
  SignInRequiredError,
  TokenNotEnoughError
} from '../src/errors/errors.ts'
import { appUrl, type GateRequest, signInUrl } from '../src/gate/gate-request.ts'
import { withDemand } from '../src/gate/return-link.ts'
import type { Outcome, Rule } from '../src/gate/rules/rule.ts'
import { services } from '../src/open-services.ts'
import { isUpgrade, sourceOf } from '../src/web/cross-origin.ts'

/** Where a browser is led, and what a program gets. */
const pages: Record<Exclude<Outcome, 'allow'>, string> = {
  'sign-in': '/login',
  prove: '/confirm',
  deny: '/refused'
}
/** The check of other routes would compare with this site. */
const ofApps = { config: { pages: false, crossSite: true } }
const envoy = '/gate/envoy'

/**
 * Forward-auth endpoint: a proxy in front of another app asks before each request whether it may pass. 204 with the
 * user's id and name, else 401 or 403; a browser gets the address of the page that helps. As cheap as any other read.
 */
export default async function gate(app: FastifyInstance) {
  const { config, paths } = app[services]

  app.get('/gate', ofApps, async (request, reply) => answer(request, reply.code(204), gateRequest(request)))

  // Envoy sends the request itself, with the path of this route in front of its own, and takes only 200 for a yes.
  app.all(`${envoy}/*`, ofApps, async (request, reply) => {
    const { url = '', method } = request.raw
    const own = `${request.routeOptions.url}`.length - '/*'.length
    const uri = request.forwarded('x-forwarded-for') && url.slice(own)
    return answer(request, reply.code(200), { ...gateRequest(request), originalUrl: undefined, uri, method })
  })

  async function answer(request: FastifyRequest, reply: FastifyReply, asked: GateRequest) {
    if (isUpgrade(request.headers) && !comesFromApp(request, asked)) throw new CrossSiteError()
    const { outcome, rule, facts } = await request.decideAtGate(asked)
    if (outcome === 'allow') {
      await reply.nameUser(facts)
      return reply.send()
    }
    const error = await errorFor(request, outcome, rule)
    const page = `${paths.pagesUrl}${pages[outcome]}`
    const way = sendsAcceptHtml(request) ? signInUrl(asked, config, page) : undefined
    if (way === undefined) throw error
    const place = withDemand(way, askedIn(error))
    if (asked.originalUrl === undefined) return reply.redirect(place, 303)
    // nginx cannot pass a redirect on, but can make one from this header.
    reply.header('location', place)
    throw error
  }

  async function errorFor(request: FastifyRequest, outcome: Outcome, rule: Rule | undefined) {
    if (request.usedToken) return new TokenNotEnoughError()
    if (outcome === 'sign-in')
      return isProgram(request) ? new ProgramSignInRequiredError() : new SignInRequiredError()
    if (outcome === 'deny') return new NotAllowedError()
    const { factors, within } = rule ?? {}
    const asked = { factors: factors === 1 ? undefined : factors, within }
    return (await request.lackingProofs(asked)) ?? new RecentProofRequiredError()
  }

  /** A WebSocket is opened only by a page of the app itself, or of TRUSTED_ORIGINS. */
  function comesFromApp(request: FastifyRequest, asked: GateRequest): boolean {
    const publicUrl = appUrl(asked)
    if (!publicUrl) return false
    const own = { publicUrl, trustedOrigins: config.trustedOrigins }
    return sourceOf({ ...signsOf(request), host: publicUrl.host }, own) === 'here'
  }
}

/** Browsers send one of the two: what they have, or where the request comes from. */
function isProgram({ headers }: FastifyRequest): boolean {
  return headers.cookie === undefined && headers['sec-fetch-site'] === undefined
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
