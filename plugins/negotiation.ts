import type { IncomingMessage } from 'node:http'
import accepts from 'accepts'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { remember } from '../src/primitives/memoize.ts'

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

/** By Accept: browsers of one kind send the same. */
const prefersPage = remember(
  500,
  (_accept: string | undefined, request: IncomingMessage) =>
    accepts(request).type(['json', 'html']) === 'html'
)

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
  return prefersPage(raw.headers.accept, raw)
}
