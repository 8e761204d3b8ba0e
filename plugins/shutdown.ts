import fp from 'fastify-plugin'

const everyMilliseconds = 50

/**
 * Told to stop, the server answers what is running and takes nothing new. A connection whose last answer
 * has gone out is closed then, not when the browser at the other end lets go of it.
 */
export default fp(
  async (app) => {
    app.addHook('preClose', async () => {
      const closing = setInterval(() => app.server.closeIdleConnections(), everyMilliseconds)
      app.server.once('close', () => clearInterval(closing))
      if (!app.server.listening) clearInterval(closing)
    })
  },
  { name: 'latchkey-shutdown' }
)
