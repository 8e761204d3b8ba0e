import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { RegistrationClosedError } from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'
import { ownerOf } from '../src/sessions/session-record.ts'

const body = Type.Object({ username: Type.String(), password: Type.String() })

const register: FastifyPluginAsyncTypebox = async (app) => {
  const { accounts, home } = app[services]

  app.get('/register', async (request, reply) => {
    if (request.acceptsHtml && ownerOf(request.sessionData) !== undefined) return reply.redirect(home, 303)
    if (!(await accounts.acceptsRegistration())) throw new RegistrationClosedError()
    if (!request.acceptsHtml) return { passwordMinLength: accounts.passwordMinLength }
    return form(reply, {})
  })

  app.post('/register', { schema: { body } }, async (request, reply) => {
    const registered = await reply.register(request.body)
    if (!registered.ok) {
      const { field, error } = registered
      if (!request.acceptsHtml || field === undefined) throw error
      return form(reply.refuse(error), { username: request.body.username, wrongField: field, error })
    }
    if (request.acceptsHtml) return reply.redirect(home, 303)
    return reply.code(201).send({ user: registered.account.name })
  })

  function form(reply: FastifyReply, filledIn: object) {
    const { passwordMinLength } = accounts
    const empty = { username: '', wrongField: null, error: null }
    return reply.page('register', { passwordMinLength, ...empty, ...filledIn })
  }
}

export default register
