import type { FastifyInstance } from 'fastify'
import { type ApiDocument, apiReference } from '../../src/api/reference.ts'

/** What the API can do: for programs an OpenAPI document, for people a page made of it. */
export default async function documentation(app: FastifyInstance) {
  app.get('/api/openapi.json', { config: { session: false, pages: false } }, async () => app.swagger())

  app.get('/api', async (request, reply) => {
    if (!request.acceptsHtml) return app.swagger()
    const document: ApiDocument = JSON.parse(JSON.stringify(app.swagger()))
    return reply.page('api', { isWide: true, ...apiReference(document) })
  })
}
