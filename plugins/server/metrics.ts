import fp from 'fastify-plugin'

/** Times every request by its route: what nobody has a route for is one, so no address makes a new number. */
export default fp(
  async (app) => {
    const { metrics } = app.latchkey

    app.addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? 'none'
      metrics.request(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
      done()
    })
  },
  { name: 'latchkey-metrics' }
)
