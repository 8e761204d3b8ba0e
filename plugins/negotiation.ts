import type { IncomingMessage } from 'node:http'
import accepts from 'accepts'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { memoize } from '../src/primitives/memoize.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether a browser asks (Accept names text/html). Everything else gets JSON. */
    readonly acceptsHtml: boolean
  }
  interface FastifyContextConfig {
    /** false: the route is for programs only, whatever a browser's Accept that came along says. */
    pages?: boolean
  }
}

/** By Accept: browsers of one kind send the same. */
const prefersHtml = memoize(
  500,
  (_accept: string | undefined, request: IncomingMessage) =>
    accepts(request).type(['json', 'html']) === 'html'
)

export default fp(
  async (app) => {
    app.decorateRequest('acceptsHtml', {
      getter() {
        return acceptsHtml(this)
      }
    })
  },
  { name: 'latchkey-negotiation' }
)

/** The one place that decides who gets pages and redirects, and who gets JSON. */
export function acceptsHtml(request: FastifyRequest): boolean {
  return request.routeOptions?.config?.pages !== false && sendsAcceptHtml(request)
}

/** Whether it comes from a browser that would show a page. */
export function sendsAcceptHtml({ raw }: FastifyRequest): boolean {
  return prefersHtml(raw.headers.accept, raw)
}
