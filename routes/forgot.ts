import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { AskedName } from '../src/api/schemas.ts'
import { MailOffError, ThrottledError } from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'

/** A forgotten password: who asks gets a link by mail, if there is an account. The page is the same if there is none. */
const forgot: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { resets } = app[services]

  app.get('/forgot', async (request, reply) => {
    if (!resets.isOn) throw new MailOffError()
    return request.acceptsHtml ? form(reply) : { mail: true }
  })

  app.post('/forgot', { schema: { body: AskedName } }, async (request, reply) => {
    const { username } = request.body
    try {
      await request.askForReset(username)
    } catch (error) {
      if (!request.acceptsHtml || !(error instanceof ThrottledError)) throw error
      return form(reply.refuse(error), { username, error })
    }
    return request.acceptsHtml ? reply.page('forgot-sent') : reply.code(202).send({ accepted: true })
  })

  function form(reply: FastifyReply, filledIn = {}) {
    return reply.page('forgot', { username: '', error: null, ...filledIn })
  }
}

export default forgot
