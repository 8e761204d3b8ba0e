import type { FastifyInstance, FastifyRequest } from 'fastify'
import { letThrough } from '../../plugins/server/pressure.ts'
import { NotFoundError } from '../../src/errors/errors.ts'
import { isReader } from '../../src/metrics/readers.ts'

/** Headers of which proxies add one or the other. */
const byProxies =
  /^(forwarded|via|x-forwarded-.+|x-original-.+|x-real-ip|x-client-ip|true-client-ip|.+-connecting-ip)$/

/** Metrics for the clients in METRICS; for everybody else the route does not exist (ASVS 13.4.5). */
export default async function metrics(app: FastifyInstance) {
  const { config, metrics } = app.latchkey
  const mayRead = isReader(config.metricsReaders)

  app.get('/metrics', { config: { session: false, pressureHandler: letThrough } }, async (request, reply) => {
    if (isOfUnknownProxy(request) || !mayRead(request.ip)) throw new NotFoundError()
    return reply.type(metrics.registry.contentType).send(await metrics.text())
  })
}

/**
 * Then the client is unknown: the address is the proxy's, which may be on this machine. An nginx with nothing
 * but a proxy_pass adds no header, but speaks HTTP/1.0, which Prometheus does not.
 */
function isOfUnknownProxy({ headers, raw, ips = [] }: FastifyRequest): boolean {
  if (ips.length > 1) return false
  return raw.httpVersion === '1.0' || Object.keys(headers).some((name) => byProxies.test(name))
}
