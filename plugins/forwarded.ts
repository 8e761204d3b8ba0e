import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * A header in which a proxy describes the original request; undefined unless TRUST_PROXY names the
     * sender.
     */
    forwarded(header: `x-${string}`): string | undefined
  }
}

/** Headers of the proxy in front, if it is trusted. */
export default fp(
  async (app) => {
    app.decorateRequest('forwarded', function (this: FastifyRequest, header) {
      return isTrusted(this) ? this.headers[header]?.toString() : undefined
    })
  },
  { name: 'latchkey-forwarded' }
)

/**
 * `ips` has more than one address only if Fastify trusts the sender and it sent X-Forwarded-For, as every
 * proxy does.
 */
function isTrusted({ ips = [] }: FastifyRequest): boolean {
  return ips.length > 1
}
