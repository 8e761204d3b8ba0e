import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { refusals } from '../../src/api/answers.ts'
import { Accepted, AskedName } from '../../src/api/schemas.ts'

/** A forgotten password, for programs with a sign-in page of their own. The link in the mail leads to ours. */
const forgotApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const ask = {
    tags: ['password'],
    operationId: 'askForReset',
    summary: 'Ask for a link to choose a new password, by mail',
    description:
      'The answer is the same whether or not there is such an account. Who has one with a confirmed address gets a mail, at most one in 20 minutes; its link works once, for 30 minutes. Where no mail is sent: 404 with the code LATCHKEY_MAIL_OFF.',
    body: AskedName,
    response: { 202: Accepted, ...refusals(400, 404, 429) }
  }
  app.post('/api/forgot', { config: { pages: false }, schema: ask }, async (request, reply) => {
    await request.askForReset(request.body.username)
    return reply.code(202).send({ accepted: true })
  })
}

export default forgotApi
