import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { CrossSiteError } from '../src/errors.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Lets a request change something only when it comes from a page of this site or from no page at all
 * (ASVS 3.5.1, NIST SP 800-63B-4 §5.1). Browsers say so themselves, so no token is needed, and signing in
 * is protected too, before there is a session.
 */
export default fp(
  async (app) => {
    const { publicUrl } = app.latchkey.config

    app.addHook('onRequest', async (request) => {
      if (!safeMethods.has(request.method) && !isFromHere(request)) throw new CrossSiteError()
    })

    function isFromHere({ headers, protocol, host }: FastifyRequest): boolean {
      const site = headers['sec-fetch-site']
      if (site !== undefined) return site === 'same-origin' || site === 'none'
      const { origin } = headers
      return origin === undefined || origin === (publicUrl?.origin ?? `${protocol}://${host}`)
    }
  },
  { name: 'latchkey-cross-site' }
)
