import { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import helmet, { type HelmetOptions } from 'helmet'
import { gateOrigins } from '../../src/gate/gate-hosts.ts'
import { services } from '../../src/open-services.ts'
import { memoize } from '../../src/primitives/memoize.ts'
import { IncomingMessage, ServerResponse } from '../../src/web/http.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Headers of every response: names in lower case, values. */
    readonly fixedHeaders: Readonly<Record<string, string>>
  }
}

/** One year, with subdomains (ASVS 3.4.1). Only over https: RFC 6797 §7.2 forbids it over http. */
const https = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }

/** Features that no page needs. */
const permissions = 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()'

/** @param apps the apps where sign-in may lead: browsers apply form-action to redirects after a form too */
const optionsFor = (apps: readonly string[]): HelmetOptions => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      scriptSrc: ["'self'"],
      // For views/assets/page.js, which extends the session.
      connectSrc: ["'self'"],
      formAction: ["'self'", ...apps],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"]
    }
  },
  frameguard: { action: 'deny' },
  // Not no-referrer: over plain http browsers send no Sec-Fetch-Site, and would then send Origin: null.
  referrerPolicy: { policy: 'same-origin' },
  hsts: false,
  originAgentCluster: false,
  // Only for browsers that no longer exist.
  ieNoOpen: false,
  permittedCrossDomainPolicies: false,
  xssFilter: false,
  dnsPrefetchControl: false
})

/** Security headers for every response: pages, JSON, errors, files, redirects (ASVS 3.4, 14.3.2). */
export default fp(
  async (app) => {
    const fixed = {
      ...helmetHeaders(JSON.stringify(gateOrigins(app[services].config))),
      'permissions-policy': permissions
    }
    const secure = { ...fixed, ...https }
    app.decorate('fixedHeaders', fixed)

    app.addHook('onSend', (request: FastifyRequest, reply: FastifyReply, _payload, done) => {
      reply.headers(request.protocol === 'https' ? secure : fixed)
      // Everything but public files is private: the back button shows nothing of it.
      if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
      done()
    })
  },
  { name: 'latchkey-headers' }
)

/**
 * Clears the browser's data at sign-out (ASVS 14.3.1). Never "cookies", which would also clear those of other
 * sites under this domain, and under a path not "storage", which neighbours on the host use. Browsers accept it over https only.
 */
export function clearSiteData(reply: FastifyReply): void {
  const { app } = reply.server[services].paths
  const kinds = app === '' ? '"cache", "storage"' : '"cache"'
  if (reply.request.protocol === 'https') reply.header('clear-site-data', kinds)
}

/** Helmet computes constant headers for each request, so it is asked once, with no request. By the origins as JSON. */
const helmetHeaders = memoize(10, (apps: string): Readonly<Record<string, string>> => {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet(optionsFor(JSON.parse(apps)))(request, response, (error) => {
    if (error) throw error
  })
  return Object.fromEntries(
    Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)])
  )
})
