import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { apiDeed, mustBeReader } from '../../plugins/admin/administered.ts'
import { Reason } from '../../src/api/administration-schemas.ts'
import { nothing, refusals } from '../../src/api/answers.ts'
import { objectSchema } from '../../src/api/object-schema.ts'
import { Group, GroupsList, MembersPage, pageQuery } from '../../src/api/schemas.ts'
import { NoSuchGroupError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'

const common = { tags: ['groups'], security: [{ session: [] }, { token: [] }] }
const description = 'Two factors must have been proved in the last ten minutes.'
const params = objectSchema({
  group: { type: 'string', description: 'The name of the group, in any spelling.' }
})
const querystring = pageQuery({
  limit: '^([1-9][0-9]{0,2}|1000)$',
  limits: 'From 1 to 1000, by default 100.'
})

/** Groups of accounts, for administrators. */
const groupsApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { groups, siteAdministration } = app[services]
  const config = { pages: false, token: true }

  const list = {
    ...common,
    operationId: 'listGroups',
    summary: 'Groups by name',
    response: { 200: GroupsList, ...refusals(401, 403) }
  }
  app.get('/api/groups', { config, schema: list }, async (request) => {
    await mustBeReader(request)
    const all = await groups.list()
    return {
      groups: all.map(({ name, members, createdAt }) => ({
        group: name,
        members,
        groupCreatedAt: createdAt.toISOString()
      }))
    }
  })

  const make = {
    ...common,
    operationId: 'makeGroup',
    summary: 'Make a group',
    description,
    params,
    response: { 200: Group, ...refusals(400, 401, 403, 409) }
  }
  app.put('/api/groups/:group', { config, schema: make }, async (request) => {
    const deed = await apiDeed(request)
    return { group: await siteAdministration.addGroup(request.params.group, deed) }
  })

  const remove = {
    ...common,
    operationId: 'removeGroup',
    summary: 'Remove a group',
    description: `${description} The accounts in it stay.`,
    ...{ params, body: Reason },
    response: { 204: nothing, ...refusals(400, 401, 403, 404) }
  }
  app.delete('/api/groups/:group', { config, schema: remove }, async (request, reply) => {
    const deed = await apiDeed(request, request.body?.reason)
    await siteAdministration.removeGroup(request.params.group, deed)
    return reply.code(204).send(null)
  })

  const members = {
    ...common,
    operationId: 'listMembers',
    summary: 'Accounts in a group, by name',
    params,
    querystring,
    response: { 200: MembersPage, ...refusals(400, 401, 403, 404) }
  }
  app.get('/api/groups/:group/members', { config, schema: members }, async (request) => {
    await mustBeReader(request)
    const { after, limit = '100' } = request.query
    if (!(await groups.find(request.params.group))) throw new NoSuchGroupError(request.params.group)
    const names = [...(await groups.members(request.params.group, { after, limit: Number(limit) }))]
    return { names, next: names.length === Number(limit) ? (names.at(-1) ?? null) : null }
  })
}

export default groupsApi
