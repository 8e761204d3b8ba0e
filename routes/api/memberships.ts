import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyRequest } from 'fastify'
import { administered, mustBeReader } from '../../plugins/admin/administered.ts'
import { Reason } from '../../src/api/administration-schemas.ts'
import { refusals } from '../../src/api/answers.ts'
import { objectSchema } from '../../src/api/object-schema.ts'
import { GroupsOfAccount } from '../../src/api/schemas.ts'
import { NoSuchAccountError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'

const common = { tags: ['groups'], security: [{ session: [] }, { token: [] }] }
const name = { type: 'string', description: 'The name of the account, in any spelling.' } as const
const group = { type: 'string', description: 'The name of the group, in any spelling.' } as const
const description =
  'Two factors must have been proved in the last ten minutes. Nobody is signed out. Doing it again does nothing.'

interface Membership {
  readonly name: string
  readonly group: string
  readonly step: 'join' | 'leave'
  readonly reason: string | undefined
}

/** Who is in which group, for administrators. */
const membershipsApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { accounts, administration, groups } = app[services]
  const of = administered(app)
  const config = { pages: false, token: true }

  const list = {
    ...common,
    operationId: 'groupsOfAccount',
    summary: 'Groups of an account',
    params: objectSchema({ name }),
    response: { 200: GroupsOfAccount, ...refusals(401, 403, 404) }
  }
  app.get('/api/accounts/:name/groups', { config, schema: list }, async (request) => {
    await mustBeReader(request)
    return groupsOf(request.params.name)
  })

  const change = {
    ...common,
    description,
    params: objectSchema({ name, group }),
    body: Reason,
    response: { 200: GroupsOfAccount, ...refusals(400, 401, 403, 404) }
  }
  const join = { ...change, operationId: 'joinGroup', summary: 'Put an account into a group' }
  app.put('/api/accounts/:name/groups/:group', { config, schema: join }, (request) =>
    changed(request, { ...request.params, step: 'join', reason: request.body?.reason })
  )
  const leave = { ...change, operationId: 'leaveGroup', summary: 'Take an account out of a group' }
  app.delete('/api/accounts/:name/groups/:group', { config, schema: leave }, (request) =>
    changed(request, { ...request.params, step: 'leave', reason: request.body?.reason })
  )

  async function changed(request: FastifyRequest, { name, group, step, reason }: Membership) {
    const { who, deed } = await of(request, name, reason)
    await administration.changeGroup(who, group, step, deed)
    return groupsOf(who.name)
  }

  async function groupsOf(name: string) {
    const account = await find(name)
    return { name: account.name, groupNames: [...(await groups.of(account.id))] }
  }

  async function find(name: string) {
    const account = await accounts.find(name)
    if (!account) throw new NoSuchAccountError(name)
    return account
  }
}

export default membershipsApi
