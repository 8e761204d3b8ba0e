import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { untrustedProxyWarning } from '../../src/settings/boot-warnings.ts'

/** Warns once that there may be a proxy in front that TRUST_PROXY does not name. */
export default fp(
  async (app) => {
    let isTold = false
    app.addHook('onRequest', (request, _reply, done) => {
      if (!isTold && isFromUntrustedProxy(request)) {
        isTold = true
        app.log.warn(untrustedProxyWarning(request.ip))
      }
      done()
    })
  },
  { name: 'latchkey-untrusted-proxy', dependencies: ['latchkey-forwarded'] }
)

function isFromUntrustedProxy(request: FastifyRequest): boolean {
  const header = 'x-forwarded-for'
  return request.headers[header] !== undefined && request.forwarded(header) === undefined
}
