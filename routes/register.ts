import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { objectSchema, string } from '../src/api/object-schema.ts'
import { FirstAccountCodeError, RegistrationClosedError } from '../src/errors/errors.ts'
import { otherPage } from '../src/gate/return-link.ts'
import { services } from '../src/open-services.ts'
import { nameOf } from '../src/sessions/session-record.ts'

const query = objectSchema({}, { next: {}, code: {} })
const body = objectSchema({ username: string, password: string }, { next: string, code: string })

const register: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { accounts, paths, home } = app[services]

  app.get('/register', { schema: { querystring: query } }, async (request, reply) => {
    const next = request.returnPath(request.query.next)
    if (request.acceptsHtml && nameOf(request.sessionData) !== undefined) return reply.redirect(next, 303)
    if (!(await accounts.acceptsRegistration())) throw new RegistrationClosedError()
    const code = String(request.query.code ?? '')
    if (!(await request.mayRegister(code))) throw new FirstAccountCodeError()
    if (!request.acceptsHtml) return { passwordMinLength: accounts.passwordMinLength }
    return form(reply, { next, code })
  })

  app.post('/register', { schema: { body } }, async (request, reply) => {
    const { username, password, code = '' } = request.body
    const next = request.returnPath(request.body.next)
    const registered = await reply.register({ username, password }, { next, code })
    if (!registered.ok) {
      const { field, error } = registered
      if (!request.acceptsHtml || field === undefined) throw error
      return form(reply.refuse(error), { next, code, username, wrongField: field, error })
    }
    if (request.acceptsHtml) return reply.redirect(next, 303)
    return reply.code(201).send({ user: registered.account.name })
  })

  function form(reply: FastifyReply, filledIn: { next: string; code: string; [field: string]: unknown }) {
    const { passwordMinLength } = accounts
    const loginUrl = otherPage(paths.ofPage('/login'), { next: filledIn.next, home })
    const empty = { username: '', wrongField: null, error: null }
    return reply.page('register', { passwordMinLength, loginUrl, ...empty, ...filledIn })
  }
}

export default register
