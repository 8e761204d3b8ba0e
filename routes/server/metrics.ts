import type { FastifyInstance, FastifyRequest } from 'fastify'
import { letThrough } from '../../plugins/server/pressure.ts'
import { NotFoundError } from '../../src/errors.ts'
import { amongReaders } from '../../src/metrics/readers.ts'

/** What a proxy adds to what it passes on. */
const signsOfProxies = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

/** For Prometheus, by METRICS; for everybody else there is nothing here (ASVS 13.4.5). */
export default async function metrics(app: FastifyInstance) {
  const { config, metrics } = app.latchkey
  const mayRead = amongReaders(config.metricsReaders)

  app.get('/metrics', { config: { session: false, pressureHandler: letThrough } }, async (request, reply) => {
    if (isOfUnknownProxy(request) || !mayRead(request.ip)) throw new NotFoundError()
    return reply.type(metrics.registry.contentType).send(await metrics.text())
  })
}

/** Who asked it is not known then: the address is the proxy's, which may well be on this machine. */
function isOfUnknownProxy({ headers, ips = [] }: FastifyRequest): boolean {
  return ips.length < 2 && signsOfProxies.some((header) => headers[header] !== undefined)
}
