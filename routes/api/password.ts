import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { refusals } from '../../src/api/answers.ts'
import { Ended, PasswordChange } from '../../src/api/schemas.ts'
import { describeEnded } from '../../src/sessions/ended-count.ts'

/** Changes the password; requires the old one. */
const passwordApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const change = {
    tags: ['password'],
    security: [{ session: [] }],
    operationId: 'changePassword',
    summary: 'Change the password',
    description: 'Ends every other session. This session continues with a new cookie.',
    body: PasswordChange,
    response: { 200: Ended, ...refusals(400, 401, 429) }
  }
  app.put('/api/password', { config: { pages: false }, schema: change }, async (request, reply) => {
    const changed = await reply.changePassword(request.body)
    if (!changed.ok) throw changed.error
    return describeEnded(changed.sessionsEnded)
  })
}

export default passwordApi
