import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { asAdministrator } from '../../plugins/auth/options.ts'
import { refusals } from '../../src/api/answers.ts'
import { describeAccount } from '../../src/api/descriptions.ts'
import { objectSchema } from '../../src/api/object-schema.ts'
import { AccountsPage, Ended, ListedAccount, pageQuery } from '../../src/api/schemas.ts'
import { doneBy } from '../../src/audit/audit-event.ts'
import { NoSuchAccountError, OwnAccountError } from '../../src/errors/errors.ts'
import { nameKey } from '../../src/identity/names.ts'
import { services } from '../../src/open-services.ts'
import { describeEnded } from '../../src/sessions/ended-count.ts'

const common = { tags: ['accounts'], security: [{ session: [] }, { token: [] }] }
const description = 'Two factors must have been proved in the last ten minutes.'
const params = objectSchema({
  name: { type: 'string', description: 'The name, in any spelling.' }
})
const querystring = pageQuery({
  limit: '^([1-9][0-9]{0,2}|1000)$',
  limits: 'From 1 to 1000, by default 100.'
})

/** All accounts, for administrators. */
const accountsApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { accounts, sessions, throttle } = app[services]
  const config = { pages: false, token: true }

  const list = {
    ...common,
    operationId: 'listAccounts',
    summary: 'Accounts by name',
    querystring,
    response: { 200: AccountsPage, ...refusals(400, 401, 403) }
  }
  app.get('/api/accounts', { config, schema: list }, async (request) => {
    await request.requireUser({ role: 'admin' })
    const { after, limit = '100' } = request.query
    const page = await accounts.page({ after, limit: Number(limit) })
    const next = page.length === Number(limit) ? (page.at(-1)?.name ?? null) : null
    return { accounts: page.map(describeAccount), next }
  })

  const disable = {
    ...common,
    operationId: 'disableAccount',
    summary: 'Disable an account and sign it out everywhere',
    description: `${description} Nobody can disable their own account.`,
    params,
    response: { 200: Ended, ...refusals(401, 403, 404, 409) }
  }
  app.post('/api/accounts/:name/disable', { config, schema: disable }, async (request) => {
    const own = await request.requireUser(asAdministrator)
    if (nameKey(own.name) === nameKey(request.params.name)) throw new OwnAccountError()
    const circumstances = request.circumstances(own)
    const changed = await accounts.disable(request.params.name, { circumstances })
    if (!changed.ok) throw new NoSuchAccountError(request.params.name)
    await request.audit('account-disable', doneBy(own, changed.account))
    return describeEnded(changed.sessionsEnded)
  })

  const enable = {
    ...common,
    operationId: 'enableAccount',
    summary: 'Enable an account',
    description,
    params,
    response: { 200: ListedAccount, ...refusals(401, 403, 404) }
  }
  app.post('/api/accounts/:name/enable', { config, schema: enable }, async (request) => {
    const own = await request.requireUser(asAdministrator)
    const circumstances = request.circumstances(own)
    const account = await accounts.enable(request.params.name, { circumstances })
    if (!account) throw new NoSuchAccountError(request.params.name)
    await throttle.reset({ name: account.name, account: account.id })
    await request.audit('account-enable', doneBy(own, account))
    return describeAccount(account)
  })

  const endSessions = {
    ...common,
    operationId: 'endSessionsOfAccount',
    summary: 'Sign somebody out everywhere',
    description,
    params,
    response: { 200: Ended, ...refusals(401, 403, 404) }
  }
  app.delete('/api/accounts/:name/sessions', { config, schema: endSessions }, async (request) => {
    const own = await request.requireUser(asAdministrator)
    const account = await accounts.find(request.params.name)
    if (!account) throw new NoSuchAccountError(request.params.name)
    const ended = await sessions.revokeAllOf(account)
    await request.audit('sessions-end', doneBy(own, account))
    return describeEnded(ended)
  })
}

export default accountsApi
