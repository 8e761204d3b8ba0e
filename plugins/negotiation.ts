import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { memoize } from '../src/primitives/memoize.ts'
import { firstEntries, acceptsHtml as prefersPage } from '../src/web/accepted.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Whether the client gets pages (Accept has text/html, and the route has pages). Any other client gets
     * JSON.
     */
    readonly acceptsHtml: boolean
  }
  interface FastifyContextConfig {
    /** false: the route answers with JSON only, whatever Accept says. */
    pages?: boolean
  }
}

/** By Accept: all browsers of one kind send the same. */
const prefersHtml = memoize(500, prefersPage)

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

/** The only place that decides between pages with redirects, and JSON. */
export function acceptsHtml(request: FastifyRequest): boolean {
  return request.routeOptions?.config?.pages !== false && sendsAcceptHtml(request)
}

/** Whether Accept prefers HTML. */
export function sendsAcceptHtml({ raw }: FastifyRequest): boolean {
  return prefersHtml(firstEntries(raw.headers.accept))
}
