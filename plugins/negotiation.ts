import accepts from 'accepts'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether a browser asks (Accept names text/html). Everything else gets JSON. */
    readonly wantsPage: boolean
  }
}

export default fp(
  async (app) => {
    app.decorateRequest('wantsPage', {
      getter() {
        return wantsPage(this)
      }
    })
  },
  { name: 'latchkey-negotiation' }
)

/** The one place that decides who gets pages and redirects, and who gets JSON. */
export function wantsPage(request: FastifyRequest): boolean {
  return accepts(request.raw).type(['json', 'html']) === 'html'
}
