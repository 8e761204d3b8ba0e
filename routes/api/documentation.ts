import type { FastifyInstance } from 'fastify'
import { type ApiDocument, apiReference } from '../../src/api/reference.ts'

/** Documents the API: an OpenAPI document for programs, and a page made from it for people. */
export default async function documentation(app: FastifyInstance) {
  app.get('/api/openapi.json', { config: { session: false, pages: false } }, async () => app.swagger())

  app.get('/api', async (request, reply) => {
    if (!request.acceptsHtml) return app.swagger()
    const document: ApiDocument = JSON.parse(JSON.stringify(app.swagger()))
    return reply.page('api', { isWide: true, ...apiReference(document) })
  })
}
