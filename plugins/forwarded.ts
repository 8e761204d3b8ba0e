import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyRequest {
    /** One of the X- headers by which a proxy says what it was asked for; undefined from whom TRUST_PROXY does not name. */
    forwarded(header: `x-${string}`): string | undefined
  }
}

/** What the proxy in front says, where it is believed. */
export default fp(
  async (app) => {
    app.decorateRequest('forwarded', function (this: FastifyRequest, header) {
      return isTrusted(this) ? this.headers[header]?.toString() : undefined
    })
  },
  { name: 'latchkey-forwarded' }
)

/** Fastify goes on to what X-Forwarded-For says, which every proxy sends, only from one that it trusts. */
function isTrusted({ ips = [] }: FastifyRequest): boolean {
  return ips.length > 1
}
