import helmet, { type FastifyHelmetOptions } from '@fastify/helmet'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { gateOrigins } from '../../src/gate/gate-hosts.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What every answer carries, whoever gives it: name in lower case, value. */
    readonly fixedHeaders: Readonly<Record<string, string>>
  }
}

/** A year, for every host below as well (ASVS 3.4.1). Only over https: RFC 6797 §7.2 forbids it elsewhere. */
const https = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }

/** No page needs any of it. */
const permissions = 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()'

/** @param apps where signing in may lead beside this site: browsers look at redirects after a form, too */
const optionsFor = (apps: readonly string[]): FastifyHelmetOptions => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      scriptSrc: ["'self'"],
      // views/assets/page.js asks to stay signed in.
      connectSrc: ["'self'"],
      formAction: ["'self'", ...apps],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"]
    }
  },
  frameguard: { action: 'deny' },
  // Not no-referrer: over plain http browsers send no Sec-Fetch-Site, and would then say Origin: null.
  referrerPolicy: { policy: 'same-origin' },
  hsts: false,
  originAgentCluster: false,
  // For browsers that are gone.
  ieNoOpen: false,
  permittedCrossDomainPolicies: false,
  xssFilter: false,
  dnsPrefetchControl: false
})

/** What browsers are told with every answer: pages, JSON, errors, files, redirects (ASVS 3.4, 14.3.2). */
export default fp(
  async (app) => {
    const fixed = {
      ...(await helmetHeaders(gateOrigins(app.latchkey.config))),
      'permissions-policy': permissions
    }
    const secure = { ...fixed, ...https }
    app.decorate('fixedHeaders', fixed)

    app.addHook('onSend', (request: FastifyRequest, reply: FastifyReply, _payload, done) => {
      reply.headers(request.protocol === 'https' ? secure : fixed)
      // What is not a file for everybody is for one person only: the back button shows nothing of it.
      if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
      done()
    })
  },
  { name: 'latchkey-headers' }
)

/**
 * For who signs out: the browser is to forget what pages left behind (ASVS 14.3.1). Never "cookies", which would
 * also take those of the other sites under this domain. Browsers obey over https only, and complain elsewhere.
 */
export function clearSiteData(reply: FastifyReply): void {
  if (reply.request.protocol === 'https') reply.header('clear-site-data', '"cache", "storage"')
}

/** Helmet works them out anew for every request, though they are always the same: asked once, of a server of its own. */
async function helmetHeaders(apps: readonly string[]): Promise<Record<string, string>> {
  const once = Fastify()
  await once.register(helmet, optionsFor(apps))
  once.get('/', async (_request, { raw }) => raw.getHeaders())
  const { body } = await once.inject('/')
  await once.close()
  return JSON.parse(body)
}
