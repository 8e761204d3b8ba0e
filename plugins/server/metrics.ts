import fp from 'fastify-plugin'
import { services } from '../../src/open-services.ts'

/**
 * Times each request by route. All requests without a route count as one, so that no address creates a new
 * metric.
 */
export default fp(
  async (app) => {
    const { metrics } = app[services]
    if (!metrics) return

    app.addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? 'none'
      metrics.request(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
      done()
    })
  },
  { name: 'latchkey-metrics' }
)
