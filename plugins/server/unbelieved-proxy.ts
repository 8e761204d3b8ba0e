import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { unbelievedProxyWarning } from '../../src/settings/boot-warnings.ts'

/** Says once, however many requests come, that a proxy may be in front that TRUST_PROXY does not name. */
export default fp(
  async (app) => {
    let isTold = false
    app.addHook('onRequest', (request, _reply, done) => {
      if (!isTold && isForwardedUnbelieved(request)) {
        isTold = true
        app.log.warn(unbelievedProxyWarning(request.ip))
      }
      done()
    })
  },
  { name: 'latchkey-unbelieved-proxy', dependencies: ['latchkey-forwarded'] }
)

function isForwardedUnbelieved(request: FastifyRequest): boolean {
  const header = 'x-forwarded-for'
  return request.headers[header] !== undefined && request.forwarded(header) === undefined
}
