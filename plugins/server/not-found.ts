import fp from 'fastify-plugin'
import { NotFoundError } from '../../src/errors/errors.ts'

/** A request without a route is an error like any other: a page or problem+json. */
export default fp(
  async (app) => {
    app.setNotFoundHandler(() => {
      throw new NotFoundError()
    })
  },
  { name: 'latchkey-not-found', dependencies: ['latchkey-errors'] }
)
