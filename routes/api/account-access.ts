import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { administered } from '../../plugins/admin/administered.ts'
import { NewRole, ofAccount, Reason } from '../../src/api/administration-schemas.ts'
import { refusals } from '../../src/api/answers.ts'
import { describeAccount } from '../../src/api/descriptions.ts'
import { Ended, ListedAccount } from '../../src/api/schemas.ts'
import { services } from '../../src/open-services.ts'
import { describeEnded } from '../../src/sessions/ended-count.ts'

const common = { tags: ['accounts'], security: [{ session: [] }, { token: [] }] }
const proofs = 'Two factors must have been proved in the last ten minutes.'
const toOthers = `${proofs} Nobody can do it to their own account.`
const changing = { params: ofAccount, body: Reason }

/** Whether somebody may sign in, and as what, for administrators. */
const accountAccessApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { administration } = app[services]
  const of = administered(app)
  const config = { pages: false, token: true }

  const disable = {
    ...{ ...common, ...changing, operationId: 'disableAccount', description: toOthers },
    summary: 'Disable an account and sign it out everywhere',
    response: { 200: Ended, ...refusals(400, 401, 403, 404, 409) }
  }
  app.post('/api/accounts/:name/disable', { config, schema: disable }, async (request) => {
    const { who, deed } = await of(request, request.params.name, request.body?.reason)
    return describeEnded((await administration.disable(who, deed)).sessionsEnded)
  })

  const enable = {
    ...{ ...common, ...changing, operationId: 'enableAccount', description: proofs },
    summary: 'Enable an account',
    response: { 200: ListedAccount, ...refusals(400, 401, 403, 404) }
  }
  app.post('/api/accounts/:name/enable', { config, schema: enable }, async (request) => {
    const { who, deed } = await of(request, request.params.name, request.body?.reason)
    return describeAccount(await administration.enable(who, deed))
  })

  const open = {
    ...{ ...common, ...changing, operationId: 'openAccount', description: proofs },
    summary: 'Open an account again that wrong passwords or codes have closed',
    response: { 200: ListedAccount, ...refusals(400, 401, 403, 404) }
  }
  app.post('/api/accounts/:name/open', { config, schema: open }, async (request) => {
    const { who, deed } = await of(request, request.params.name, request.body?.reason)
    return describeAccount(await administration.openAgain(who, deed))
  })

  const setRole = {
    ...{ ...common, params: ofAccount, body: NewRole, operationId: 'setRole', description: toOthers },
    summary: 'Make an account an administrator or an ordinary user, and sign it out everywhere',
    response: { 200: Ended, ...refusals(400, 401, 403, 404, 409) }
  }
  app.put('/api/accounts/:name/role', { config, schema: setRole }, async (request) => {
    const { role, reason } = request.body
    const { who, deed } = await of(request, request.params.name, reason)
    return describeEnded((await administration.setRole(who, role, deed)).sessionsEnded)
  })
}

export default accountAccessApi
