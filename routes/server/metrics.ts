import type { FastifyInstance } from 'fastify'
import { letThrough } from '../../plugins/server/pressure.ts'
import { NotFoundError } from '../../src/errors/errors.ts'
import { tokenCheck } from '../../src/metrics/metrics-tokens.ts'
import { services } from '../../src/open-services.ts'

/** Metrics for who sends a METRICS_TOKEN; for everybody else the route does not exist (ASVS 13.4.5). */
export default async function metrics(app: FastifyInstance) {
  const { config, metrics } = app[services]
  const mayRead = tokenCheck(config.metricsTokens)

  app.get('/metrics', { config: { session: false, pressureHandler: letThrough } }, async (request, reply) => {
    if (!metrics || !mayRead(request.headers.authorization)) throw new NotFoundError()
    return reply.type(metrics.contentType).send(await metrics.text())
  })
}
