import fp from 'fastify-plugin'
import { SessionDataError, StorageError } from '../src/errors/errors.ts'

/** A session that could not be kept is not tried again on the way out, and the cookie stays as it is. */
export default fp(
  async (app) => {
    app.addHook('onError', async (request, _reply, error) => {
      if (error instanceof StorageError || error instanceof SessionDataError) request.sessionObject = null
    })
  },
  { name: 'latchkey-unsaved-session', dependencies: ['latchkey-session'] }
)
