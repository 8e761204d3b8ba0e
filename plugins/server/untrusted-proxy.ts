import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { untrustedProxyWarning } from '../../src/settings/boot-warnings.ts'

const header = 'x-forwarded-for'

/** Warns once that there may be a proxy in front that TRUST_PROXY does not name. */
export default fp(
  async (app) => {
    let isTold = false
    /** The last sender that is named. Most requests come from one proxy, and the list of addresses need not be read. */
    let trusted: string | undefined | null = null
    app.addHook('onRequest', (request, _reply, done) => {
      if (!isTold && request.headers[header] !== undefined && senderOf(request) !== trusted) check(request)
      done()
    })

    function check(request: FastifyRequest): void {
      isTold = request.forwarded(header) === undefined
      if (isTold) app.log.warn(untrustedProxyWarning(request.ip))
      else trusted = senderOf(request)
    }
  },
  { name: 'latchkey-untrusted-proxy', dependencies: ['latchkey-forwarded'] }
)

function senderOf({ socket }: FastifyRequest): string | undefined {
  return socket.remoteAddress
}
