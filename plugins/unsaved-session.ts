import fp from 'fastify-plugin'
import { SessionDataError, StorageError } from '../src/errors/errors.ts'

/**
 * After saving a session has failed, it is not saved again at the end of the request, and the cookie is not
 * changed.
 */
export default fp(
  async (app) => {
    app.addHook('onError', async (request, _reply, error) => {
      if (error instanceof StorageError || error instanceof SessionDataError) request.sessionObject = null
    })
  },
  { name: 'latchkey-unsaved-session', dependencies: ['latchkey-session'] }
)
