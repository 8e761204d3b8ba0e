import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { administered, mustBeReader } from '../../plugins/admin/administered.ts'
import { accountsQuery, ofAccount, Person, Reason } from '../../src/api/administration-schemas.ts'
import { refusals } from '../../src/api/answers.ts'
import { describePerson } from '../../src/api/describe-person.ts'
import { describeAccount } from '../../src/api/descriptions.ts'
import { AccountsPage, Ended } from '../../src/api/schemas.ts'
import { NoSuchAccountError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'
import { describeEnded } from '../../src/sessions/ended-count.ts'

const common = { tags: ['accounts'], security: [{ session: [] }, { token: [] }] }
const proofs = 'Two factors must have been proved in the last ten minutes.'
const toOthers = `${proofs} Nobody can do it to their own account.`
const changing = { params: ofAccount, body: Reason }

/** All accounts, for administrators. */
const accountsApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { accounts, administration, people, sessions } = app[services]
  const of = administered(app)
  const config = { pages: false, token: true }

  const list = {
    ...{
      ...common,
      operationId: 'listAccounts',
      summary: 'Accounts, page by page, all or those that begin so'
    },
    querystring: accountsQuery,
    response: { 200: AccountsPage, ...refusals(400, 401, 403) }
  }
  app.get('/api/accounts', { config, schema: list }, async (request) => {
    await mustBeReader(request)
    const { limit = '100', startsWith, sort, direction, after } = request.query
    const found = await people.search({ startsWith, sort, direction, after, limit: Number(limit) })
    return { accounts: found.accounts.map(describeAccount), next: found.next ?? null }
  })

  const show = {
    ...{
      ...common,
      operationId: 'showAccount',
      summary: 'One account with its sessions, factors, groups and events'
    },
    params: ofAccount,
    response: { 200: Person, ...refusals(401, 403, 404) }
  }
  app.get('/api/accounts/:name', { config, schema: show }, async (request) => {
    await mustBeReader(request)
    const account = await accounts.find(request.params.name)
    const person = account && (await people.find(account.id))
    if (!person) throw new NoSuchAccountError(request.params.name)
    return describePerson(person, request.sentCookie ? sessions.handleOf(request.session.sessionId) : '')
  })

  const remove = {
    ...{ ...common, ...changing, operationId: 'removeAccount', description: toOthers },
    summary: 'Remove an account for good',
    response: { 200: Ended, ...refusals(400, 401, 403, 404, 409) }
  }
  app.delete('/api/accounts/:name', { config, schema: remove }, async (request) => {
    const { who, deed } = await of(request, request.params.name, request.body?.reason)
    return describeEnded((await administration.remove(who, deed)).sessionsEnded)
  })
}

export default accountsApi
