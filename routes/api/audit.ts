import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { mustBeReader } from '../../plugins/admin/administered.ts'
import { auditFilters, mustBeDay } from '../../plugins/admin/audit-filters.ts'
import { AuditPage, auditQuery } from '../../src/api/administration-schemas.ts'
import { refusals } from '../../src/api/answers.ts'
import { describeEvent } from '../../src/api/describe-person.ts'
import { services } from '../../src/open-services.ts'

/** The audit trail, for administrators. */
const auditApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { audit } = app[services]
  const { filterIn } = auditFilters(app)

  const list = {
    ...{ tags: ['accounts'], security: [{ session: [] }, { token: [] }], operationId: 'listEvents' },
    summary: 'The audit trail, the latest first',
    description: 'Events that have all that is asked for.',
    querystring: auditQuery,
    response: { 200: AuditPage, ...refusals(400, 401, 403) }
  }
  app.get('/api/audit', { config: { pages: false, token: true }, schema: list }, async (request) => {
    await mustBeReader(request)
    const { after, limit = '100', from, to, ...asked } = request.query
    for (const time of [from, to]) if (time) mustBeDay(time)
    const span = { ...(from && { from: new Date(from) }), ...(to && { to: new Date(to) }) }
    const filter = { ...(await filterIn(asked)), ...span }
    const { entries, next } = await audit.page(filter, { before: after, limit: Number(limit) })
    return { events: entries.map(describeEvent), next: next ?? null }
  })
}

export default auditApi
