import type { FastifyRequest } from 'fastify'
import { CrossSiteError, UnknownHostError } from '../../src/errors/errors.ts'
import type { Config } from '../../src/settings/config.ts'
import { sourceOf } from '../../src/web/cross-origin.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** true: pages of other sites may send what changes something to this route. */
    crossSite?: boolean
  }
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A request may change something only when it comes from a page of this site or from no page at all
 * (ASVS 3.5.1, NIST SP 800-63B-4 §5.1). Browsers say so themselves, so no token is needed, and signing in
 * is protected too, before there is a session.
 * @returns why it may not, or undefined
 */
export function refusalOf(request: FastifyRequest, config: Config): Error | undefined {
  if (safeMethods.has(request.method) || request.routeOptions.config.crossSite === true) return undefined
  const source = sourceOf(signsOf(request), config)
  if (source === 'elsewhere') return new CrossSiteError()
  if (source === 'unknown-host') return new UnknownHostError(request.host)
  return undefined
}

function signsOf({ headers, protocol, host }: FastifyRequest) {
  // Node joins a header that came twice with commas, which is then nobody's origin.
  const site = headers['sec-fetch-site']
  const { origin, referer } = headers
  return { site: site?.toString(), origin, referer, protocol, host }
}
