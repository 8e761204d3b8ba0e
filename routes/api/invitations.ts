import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { apiDeed, mustBeReader } from '../../plugins/admin/administered.ts'
import { Reason } from '../../src/api/administration-schemas.ts'
import { refusals } from '../../src/api/answers.ts'
import {
  describeInvitation,
  InvitationsList,
  ListedInvitation,
  NewInvitation,
  params,
  Withdrawn
} from '../../src/api/invitations.ts'
import { NoSuchInvitationError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'

const common = { tags: ['accounts'], security: [{ session: [] }, { token: [] }] }
const description = 'Two factors must have been proved in the last ten minutes.'

/** Invitations, for administrators. */
const invitationsApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { invitations, siteAdministration } = app[services]
  const config = { pages: false, token: true }

  const list = {
    ...common,
    operationId: 'listInvitations',
    summary: 'Invitations that can still be used',
    description: 'The latest first, up to 1000.',
    response: { 200: InvitationsList, ...refusals(401, 403) }
  }
  app.get('/api/invitations', { config, schema: list }, async (request) => {
    await mustBeReader(request)
    return { invitations: (await invitations.list()).map(describeInvitation) }
  })

  const invite = {
    ...common,
    operationId: 'invite',
    summary: 'Invite somebody by mail',
    description: `${description} The mail has a link, which works once, for 72 hours, to choose a name and a password. A newer one to the address replaces it. It ends when whoever made it is no administrator any more.`,
    body: NewInvitation,
    response: { 201: ListedInvitation, ...refusals(400, 401, 403, 404, 409) }
  }
  app.post('/api/invitations', { config, schema: invite }, async (request, reply) => {
    const deed = await apiDeed(request)
    const { address, role, language } = request.body
    const invitation = await siteAdministration.invite({ address, role, language }, deed)
    return reply.code(201).send(describeInvitation(invitation))
  })

  const withdraw = {
    ...common,
    operationId: 'withdrawInvitation',
    summary: 'Withdraw an invitation',
    description: `${description} Its link opens nothing from then on.`,
    ...{ params, body: Reason },
    response: { 200: Withdrawn, ...refusals(400, 401, 403, 404) }
  }
  app.delete('/api/invitations/:invitation', { config, schema: withdraw }, async (request) => {
    const deed = await apiDeed(request, request.body?.reason)
    if (!(await siteAdministration.withdraw(request.params.invitation, deed)))
      throw new NoSuchInvitationError()
    return { withdrawn: true }
  })
}

export default invitationsApi
