import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import type { Refusal } from '../src/accounts/accounts.ts'
import { NameTakenError, RegistrationClosedError } from '../src/errors.ts'
import { ownerOf } from '../src/sessions/session-record.ts'

const body = Type.Object({ username: Type.String(), password: Type.String() })

const register: FastifyPluginAsyncTypebox = async (app) => {
  const { accounts, home } = app.latchkey

  app.get('/register', async (request, reply) => {
    if (request.wantsPage && ownerOf(request.remembered) !== undefined) return reply.redirect(home, 303)
    if (!(await accounts.acceptsRegistration())) throw new RegistrationClosedError()
    if (!request.wantsPage) return { passwordMinLength: accounts.passwordMinLength }
    return form(reply, {})
  })

  app.post('/register', { schema: { body } }, async (request, reply) => {
    if (!(await accounts.acceptsRegistration())) throw new RegistrationClosedError()
    await reply.checkSignIn()
    const registered = await accounts.register(request.body)
    if (!registered.ok) {
      if (!request.wantsPage || registered.field === undefined) throw registered.error
      return refuse(reply, request.body.username, registered)
    }
    await request.audit('registration', { name: registered.account.name })
    await reply.signIn(registered.account)
    if (request.wantsPage) return reply.redirect(home, 303)
    return reply.code(201).send({ user: registered.account.name })
  })

  function refuse(reply: FastifyReply, username: string, { field, error }: Refusal) {
    const status = error instanceof NameTakenError ? 409 : 400
    return form(reply.code(status), { username, wrongField: field, error })
  }

  function form(reply: FastifyReply, filledIn: object) {
    const { passwordMinLength } = accounts
    const empty = { username: '', wrongField: null, error: null }
    return reply.page('register', { passwordMinLength, ...empty, ...filledIn })
  }
}

export default register
