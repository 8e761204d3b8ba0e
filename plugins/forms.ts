import formbody from '@fastify/formbody'
import fp from 'fastify-plugin'

/** Bodies are forms or JSON; any other kind is refused with 415. */
export default fp(
  async (app) => {
    app.removeContentTypeParser('text/plain')
    app.removeContentTypeParser('application/json')
    const parseJson = app.getDefaultJsonParser('error', 'error')
    // Programs that always say JSON also sign out with it, and send nothing.
    app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
      if (text === '') done(null, undefined)
      else parseJson(request, text, done)
    })
    await app.register(formbody)
  },
  { name: 'latchkey-forms' }
)
