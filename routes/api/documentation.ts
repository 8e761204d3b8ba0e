import type { FastifyInstance } from 'fastify'
import { apiReference } from '../../src/api/reference.ts'

/** Documents the API: an OpenAPI document for programs, and a page made from it for people. */
export default async function documentation(app: FastifyInstance) {
  app.get('/api/openapi.json', { config: { session: false, pages: false } }, async () => app.apiDocument())

  app.get('/api', async (request, reply) => {
    if (!request.acceptsHtml) return app.apiDocument()
    return reply.page('api', { isWide: true, ...apiReference(app.apiDocument()) })
  })
}
