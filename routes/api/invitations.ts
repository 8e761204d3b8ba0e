import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { asAdministrator } from '../../plugins/auth/options.ts'
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
import type { Owner } from '../../src/identity/owner-key.ts'
import { services } from '../../src/open-services.ts'

const common = { tags: ['accounts'], security: [{ session: [] }, { token: [] }] }
const description = 'Two factors must have been proved in the last ten minutes.'

/** Invitations, for administrators. */
const invitationsApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { invitations } = app[services]
  const config = { pages: false, token: true }

  const list = {
    ...common,
    operationId: 'listInvitations',
    summary: 'Invitations that can still be used',
    description: 'The latest first, up to 1000.',
    response: { 200: InvitationsList, ...refusals(401, 403) }
  }
  app.get('/api/invitations', { config, schema: list }, async (request) => {
    await request.requireUser({ role: 'admin' })
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
    const by = await request.requireUser(asAdministrator)
    const { address, role, language } = request.body
    const invitation = await invitations.invite({ address, role, language, by })
    await request.audit('invitation-make', { ...byAdministrator(by), detail: invitation.role })
    return reply.code(201).send(describeInvitation(invitation))
  })

  const withdraw = {
    ...common,
    operationId: 'withdrawInvitation',
    summary: 'Withdraw an invitation',
    description: `${description} Its link opens nothing from then on.`,
    params,
    response: { 200: Withdrawn, ...refusals(401, 403, 404) }
  }
  app.delete('/api/invitations/:invitation', { config, schema: withdraw }, async (request) => {
    const by = await request.requireUser(asAdministrator)
    if (!(await invitations.withdraw(request.params.invitation))) throw new NoSuchInvitationError()
    await request.audit('invitation-withdraw', byAdministrator(by))
    return { withdrawn: true }
  })
}

/** It is about no account yet. */
function byAdministrator({ id, name }: Owner) {
  return { by: { kind: 'account', id, name }, name: undefined, account: undefined } as const
}

export default invitationsApi
