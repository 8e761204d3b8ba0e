import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyRequest {
    /** A proxy's header about the original request; undefined if TRUST_PROXY does not name the sender. */
    forwarded(header: `x-${string}`): string | undefined
  }
}

/** Headers of the proxy in front, if it is trusted. */
export default fp(
  async (app) => {
    app.decorateRequest('forwarded', function (this: FastifyRequest, header) {
      const value = this.headers[header]
      return value !== undefined && isTrusted(this) ? value.toString() : undefined
    })
  },
  { name: 'latchkey-forwarded' }
)

/**
 * `ips` has a second address only if Fastify trusts the sender and the sender sent X-Forwarded-For. Every
 * proxy sends it.
 */
function isTrusted({ ips = [] }: FastifyRequest): boolean {
  return ips.length > 1
}
