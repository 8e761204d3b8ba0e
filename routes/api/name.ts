import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { asAdministrator } from '../../plugins/auth/options.ts'
import type { Renamed as RenamedAccount } from '../../src/accounts/renaming.ts'
import { refusals } from '../../src/api/answers.ts'
import { objectSchema } from '../../src/api/object-schema.ts'
import { NameChange, NewName, Renamed } from '../../src/api/schemas.ts'
import { doneBy } from '../../src/audit/audit-event.ts'
import { NoSuchAccountError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'

const security = [{ session: [] }]
const config = { pages: false }
const params = objectSchema({ name: { type: 'string', description: 'The name, in any spelling.' } })

/** Changes names: one's own, which requires the password, and for administrators anybody's. */
const nameApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { renaming } = app[services]

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
    const by = await request.requireUser(asAdministrator)
    const renamed = await renaming.rename(request.params.name, request.body.name, {
      circumstances: request.circumstances(by)
    })
    if (!renamed) throw new NoSuchAccountError(request.params.name)
    if (!renamed.ok) throw renamed.error
    const { account, formerName } = renamed
    await request.audit('account-rename', { ...doneBy(by, account), formerName })
    return describe(renamed)
  })
}

function describe({ account: { id, name }, formerName }: Extract<RenamedAccount, { ok: true }>) {
  return { id, name, formerName }
}

export default nameApi
