import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { refusals } from '../../src/api/answers.ts'
import { NewAddress } from '../../src/api/email-schemas.ts'
import { Accepted } from '../../src/api/schemas.ts'

/** An account by mail, for programs with a page of their own to register. The link in the mail leads to ours. */
const registrationApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const ask = {
    tags: ['email'],
    operationId: 'askForAccount',
    summary: 'Ask for a link to create an account, by mail',
    description:
      'Where REGISTRATION is open and REGISTRATION_EMAIL is required; otherwise 403. The answer is the same whether or not the address has an account: the mail says it. At most one mail in 20 minutes goes to an address, and five a day; a link works once, for 72 hours.',
    body: NewAddress,
    response: { 202: Accepted, ...refusals(400, 403, 429) }
  }
  app.post('/api/registrations', { config: { pages: false }, schema: ask }, async (request, reply) => {
    await request.askForAccount(request.body.email)
    return reply.code(202).send({ accepted: true })
  })
}

export default registrationApi
