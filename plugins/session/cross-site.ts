import type { FastifyRequest } from 'fastify'
import { CrossSiteError, UnknownHostError } from '../../src/errors/errors.ts'
import type { Config } from '../../src/settings/config.ts'
import { isUpgrade, type OriginHeaders, sourceOf } from '../../src/web/cross-origin.ts'
import { safeMethods } from '../../src/web/safe-methods.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** true: pages of other sites may send changes to this route, and open WebSockets at it. */
    crossSite?: boolean
  }
}

/**
 * A request may change something, or open a WebSocket, only if it comes from a page of this site or from no page
 * (ASVS 3.5.1, 4.4.2, NIST SP 800-63B-4 §5.1). Browsers tell that themselves, so no token is needed, and sign-in is
 * protected too, before there is a session.
 * @returns the error, or undefined if it is allowed
 */
export function refusalOf(request: FastifyRequest, config: Config): Error | undefined {
  if (safeMethods.has(request.method) && !isUpgrade(request.headers)) return undefined
  if (request.routeOptions.config.crossSite === true) return undefined
  const source = sourceOf(signsOf(request), config)
  if (source === 'elsewhere') return new CrossSiteError()
  if (source === 'unknown-host') return new UnknownHostError(request.host)
  return undefined
}

/** What a request says about the page it comes from. */
export function signsOf({ headers, protocol, host }: FastifyRequest): OriginHeaders {
  // Node joins repeated headers with commas, which makes an invalid origin.
  const site = headers['sec-fetch-site']
  const { origin, referer } = headers
  return { site: site?.toString(), origin, referer, protocol, host }
}
