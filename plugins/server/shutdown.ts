import fp from 'fastify-plugin'

const checkEveryMilliseconds = 50

/**
 * Told to stop, the server answers what is running and takes nothing new. A connection whose last answer
 * has gone out is closed then, not when the browser at the other end lets go of it.
 */
export default fp(
  async (app) => {
    const headers = new Map(Object.entries({ ...app.fixedHeaders, 'cache-control': 'no-store' }))

    app.addHook('preClose', async () => {
      // While it closes Fastify answers 503 by itself, with what the response carries already.
      app.server.prependListener('request', (_request, response) => response.setHeaders(headers))
      const closing = setInterval(() => app.server.closeIdleConnections(), checkEveryMilliseconds)
      app.server.once('close', () => clearInterval(closing))
      if (!app.server.listening) clearInterval(closing)
    })
  },
  { name: 'latchkey-shutdown', dependencies: ['latchkey-headers'] }
)
