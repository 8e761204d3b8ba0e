import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { recentlyProved } from '../../plugins/factors.ts'
import { nothing, refusals } from '../../src/api/answers.ts'
import { Confirmed, LinkSent, LinkToken, NewAddress, OwnAddress } from '../../src/api/email-schemas.ts'
import { services } from '../../src/open-services.ts'

const common = { tags: ['email'], security: [{ session: [] }] } as const
const proofs = 'All factors of the account must have been proved in the last ten minutes.'
const config = { pages: false } as const

/** The e-mail address of the account that is signed in. */
const emailApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { addresses } = app[services]

  const show = {
    ...common,
    operationId: 'showAddress',
    summary: 'The e-mail address',
    description: proofs,
    response: { 200: OwnAddress, ...refusals(401) }
  }
  app.get('/api/email', { config, schema: show }, async (request) => {
    const { id, email = null, emailAt } = await request.requireAccount(recentlyProved)
    const found = await addresses.waiting(id)
    const waiting = found ? { email: found.address, until: found.expiresAt.toISOString() } : null
    return { email, confirmedAt: emailAt?.toISOString() ?? null, waiting }
  })

  const ask = {
    ...common,
    operationId: 'askForAddress',
    summary: 'Mail a link to a new address',
    description: `${proofs} The answer is the same if another account has the address. Where no mail is sent: 404 and \`LATCHKEY_MAIL_OFF\`.`,
    body: NewAddress,
    response: { 202: LinkSent, ...refusals(400, 401, 404, 429) }
  }
  app.put('/api/email', { config, schema: ask }, async (request, reply) => {
    const asked = await request.askForAddress(request.body.email)
    if (!asked.ok) throw asked.error
    return reply.code(202).send({ sentTo: asked.address })
  })

  const confirm = {
    ...common,
    operationId: 'confirmAddress',
    summary: 'Confirm a new address by its link',
    description: 'Only in a session of the account that has asked for it. The former address is told.',
    body: LinkToken,
    response: { 200: Confirmed, ...refusals(400, 401, 404, 409) }
  }
  app.post('/api/email/confirm', { config, schema: confirm }, async (request) => {
    const { email = '' } = await request.confirmAddress(request.body.token)
    return { email }
  })

  const remove = {
    ...common,
    operationId: 'removeAddress',
    summary: 'Remove the address',
    description: `${proofs} The address is told.`,
    response: { 204: nothing, ...refusals(400, 401) }
  }
  app.delete('/api/email', { config, schema: remove }, async (request, reply) => {
    await request.removeAddress()
    return reply.code(204).send(null)
  })
}

export default emailApi
