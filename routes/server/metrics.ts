import type { FastifyInstance, FastifyRequest } from 'fastify'
import { letThrough } from '../../plugins/server/pressure.ts'
import { NotFoundError } from '../../src/errors/errors.ts'
import { isReader } from '../../src/metrics/readers.ts'

/** What proxies add to what they pass on, one or the other. */
const byProxies =
  /^(forwarded|via|x-forwarded-.+|x-original-.+|x-real-ip|x-client-ip|true-client-ip|.+-connecting-ip)$/

/** For Prometheus, by METRICS; for everybody else there is nothing here (ASVS 13.4.5). */
export default async function metrics(app: FastifyInstance) {
  const { config, metrics } = app.latchkey
  const mayRead = isReader(config.metricsReaders)

  app.get('/metrics', { config: { session: false, pressureHandler: letThrough } }, async (request, reply) => {
    if (isOfUnknownProxy(request) || !mayRead(request.ip)) throw new NotFoundError()
    return reply.type(metrics.registry.contentType).send(await metrics.text())
  })
}

/**
 * Who asked it is not known then: the address is the proxy's, which may well be on this machine. nginx that was told
 * nothing but where to pass requests on adds no header, and speaks HTTP/1.0, which Prometheus does not.
 */
function isOfUnknownProxy({ headers, raw, ips = [] }: FastifyRequest): boolean {
  if (ips.length > 1) return false
  return raw.httpVersion === '1.0' || Object.keys(headers).some((name) => byProxies.test(name))
}
