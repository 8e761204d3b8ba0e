import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { mustBeReader } from '../../plugins/admin/administered.ts'
import { statusNow } from '../../plugins/admin/status-now.ts'
import { refusals } from '../../src/api/answers.ts'
import { Status } from '../../src/api/status-schema.ts'
import type { SignIns } from '../../src/audit/sign-in-counts.ts'

/** How the service is doing, for administrators. */
const statusApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const now = statusNow(app)

  const show = {
    ...{ tags: ['accounts'], security: [{ session: [] }, { token: [] }], operationId: 'showStatus' },
    summary: 'How the service is doing',
    description: 'The settings are without secrets.',
    response: { 200: Status, ...refusals(401, 403) }
  }
  app.get('/api/status', { config: { pages: false, token: true }, schema: show }, async (request) => {
    await mustBeReader(request)
    const { sessions, signIns, settings, ...status } = await now()
    return {
      ...status,
      settings: settings.map(({ setting, value, from }) => ({ setting, value, from })),
      sessionsNow: sessions && { sessions: sessions.count, precision: sessions.precision },
      signIns: { day: signIns.day.map(described), month: signIns.month.map(described) }
    }
  })
}

function described({ from, succeeded, refused, throttled }: SignIns) {
  return { since: new Date(from).toISOString(), succeeded, refused, throttled }
}

export default statusApi
