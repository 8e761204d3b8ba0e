import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { administered } from '../../plugins/admin/administered.ts'
import type { Renamed as RenamedAccount } from '../../src/accounts/renaming.ts'
import { NewName } from '../../src/api/administration-schemas.ts'
import { refusals } from '../../src/api/answers.ts'
import { objectSchema } from '../../src/api/object-schema.ts'
import { NameChange, Renamed } from '../../src/api/schemas.ts'
import { services } from '../../src/open-services.ts'

const security = [{ session: [] }]
const config = { pages: false }
const params = objectSchema({ name: { type: 'string', description: 'The name, in any spelling.' } })

/** Changes names: one's own, which requires the password, and for administrators anybody's. */
const nameApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { administration } = app[services]
  const of = administered(app)

  const own = {
    ...{ tags: ['name'], security },
    operationId: 'changeName',
    summary: 'Change the name',
    description: 'Every session continues.',
    body: NameChange,
    response: { 200: Renamed, ...refusals(400, 401, 409, 429) }
  }
  app.put('/api/name', { config, schema: own }, async (request, reply) => {
    const renamed = await reply.rename(request.body)
    if (!renamed.ok) throw renamed.error
    return describe(renamed)
  })

  const anybodys = {
    ...{ tags: ['accounts'], security },
    operationId: 'renameAccount',
    summary: 'Rename an account',
    description: 'Its sessions continue. Two factors must have been proved in the last ten minutes.',
    ...{ params, body: NewName },
    response: { 200: Renamed, ...refusals(400, 401, 403, 404, 409) }
  }
  app.put('/api/accounts/:name/name', { config, schema: anybodys }, async (request) => {
    const { name, reason } = request.body
    const { who, deed } = await of(request, request.params.name, reason)
    return describe(await administration.rename(who, name, deed))
  })
}

function describe({ account: { id, name }, formerName }: Extract<RenamedAccount, { ok: true }>) {
  return { id, name, formerName }
}

export default nameApi
