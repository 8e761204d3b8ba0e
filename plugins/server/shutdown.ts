import fp from 'fastify-plugin'

const checkEveryMilliseconds = 50

/**
 * When told to stop, the server finishes requests in flight and accepts no new ones. It closes a connection
 * after its last response, without waiting for the browser.
 */
export default fp(
  async (app) => {
    const headers = new Map(Object.entries({ ...app.fixedHeaders, 'cache-control': 'no-store' }))

    app.addHook('preClose', async () => {
      // While closing, Fastify itself answers 503, with the headers that the response already has.
      app.server.prependListener('request', (_request, response) => response.setHeaders(headers))
      const closing = setInterval(() => app.server.closeIdleConnections(), checkEveryMilliseconds)
      app.server.once('close', () => clearInterval(closing))
      if (!app.server.listening) clearInterval(closing)
    })
  },
  { name: 'latchkey-shutdown', dependencies: ['latchkey-headers'] }
)
