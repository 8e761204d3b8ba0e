import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { objectSchema, string } from '../src/api/object-schema.ts'

const query = objectSchema({}, { next: {} })
const body = objectSchema({ password: string }, { next: string })

/** Re-authentication before sensitive actions. */
const confirm: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  app.get('/confirm', { schema: { querystring: query } }, async (request, reply) => {
    const { name: user } = await request.requireUser({ account: true })
    if (!request.acceptsHtml) return { user }
    return form(reply, { user, next: request.returnPath(request.query.next) })
  })

  app.post('/confirm', { schema: { body } }, async (request, reply) => {
    const { name: user } = await request.requireUser({ account: true })
    const next = request.returnPath(request.body.next)
    const attempt = await request.verifyOwnPassword(request.body.password)
    if (!attempt.ok) {
      const { error } = attempt
      if (!request.acceptsHtml) throw error
      return form(reply.refuse(error), { user, next, error })
    }
    await reply.renewSession(attempt.account)
    return request.acceptsHtml ? reply.redirect(next, 303) : { user }
  })

  function form(reply: FastifyReply, filledIn: object) {
    return reply.page('confirm', { error: null, ...filledIn })
  }
}

export default confirm
