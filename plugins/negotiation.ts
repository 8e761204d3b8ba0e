import accepts from 'accepts'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether a browser asks (Accept names text/html). Everything else gets JSON. */
    readonly wantsPage: boolean
  }
  interface FastifyContextConfig {
    /** false: the route is for programs only, whatever a browser's Accept that came along says. */
    pages?: boolean
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
  return request.routeOptions?.config?.pages !== false && acceptsPage(request)
}

/** Whether it comes from a browser that would show a page. */
export function acceptsPage({ raw }: FastifyRequest): boolean {
  return accepts(raw).type(['json', 'html']) === 'html'
}
