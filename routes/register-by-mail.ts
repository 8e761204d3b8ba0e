import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { isByMail } from '../src/accounts/registration.ts'
import { NewAddress } from '../src/api/email-schemas.ts'
import { objectSchema } from '../src/api/object-schema.ts'
import { BadInputError, ThrottledError } from '../src/errors/errors.ts'
import { otherPage } from '../src/gate/return-link.ts'
import { services } from '../src/open-services.ts'
import { nameOf } from '../src/sessions/session-record.ts'

const query = objectSchema({}, { next: {} })

/** Registration by an address alone. The page after it is the same whoever has the address. */
const registerByMail: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { config, paths, home } = app[services]
  if (!isByMail(config)) return

  app.get('/register', { schema: { querystring: query } }, async (request, reply) => {
    const next = request.returnPath(request.query.next)
    if (request.acceptsHtml && nameOf(request.sessionData) !== undefined) return reply.redirect(next, 303)
    return request.acceptsHtml ? form(reply, { next }) : { email: 'required' }
  })

  app.post('/register', { schema: { body: NewAddress } }, async (request, reply) => {
    const { email } = request.body
    try {
      await request.askForAccount(email)
    } catch (error) {
      const isShown = error instanceof BadInputError || error instanceof ThrottledError
      if (!request.acceptsHtml || !isShown) throw error
      return form(reply.refuse(error), { next: home, email, error })
    }
    return request.acceptsHtml ? reply.page('register-sent') : reply.code(202).send({ accepted: true })
  })

  function form(reply: FastifyReply, filledIn: { next: string; email?: string; error?: Error }) {
    const loginUrl = otherPage(paths.ofPage('/login'), { next: filledIn.next, home })
    return reply.page('register-address', { loginUrl, email: '', error: null, ...filledIn })
  }
}

export default registerByMail
