import type { FastifyInstance } from 'fastify'

/** Whether the app has routes by now. They have the hooks that are added later, but `onRoute` does not tell of them. */
export function hasEarlierRoutes(app: FastifyInstance): boolean {
  return app.printRoutes() !== '(empty tree)'
}
