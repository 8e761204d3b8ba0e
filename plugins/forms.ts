import formbody from '@fastify/formbody'
import fp from 'fastify-plugin'

/** Bodies are forms or JSON; any other kind is refused with 415. */
export default fp(
  async (app) => {
    app.removeContentTypeParser('text/plain')
    await app.register(formbody)
  },
  { name: 'latchkey-forms' }
)
