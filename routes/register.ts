import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { isByMail } from '../src/accounts/registration.ts'
import { objectSchema, string } from '../src/api/object-schema.ts'
import { FirstAccountCodeError, RegistrationClosedError } from '../src/errors/errors.ts'
import { otherPage } from '../src/gate/return-link.ts'
import { message } from '../src/i18n/texts.ts'
import { services } from '../src/open-services.ts'
import { nameOf } from '../src/sessions/session-record.ts'

const query = objectSchema({}, { next: {}, code: {} })
const body = objectSchema(
  { username: string, password: string },
  { next: string, code: string, email: string }
)

const register: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { accounts, config, mail, paths, home } = app[services]
  const asksForEmail = config.registrationEmail !== 'off'
  if (isByMail(config)) return

  app.get('/register', { schema: { querystring: query } }, async (request, reply) => {
    const next = request.returnPath(request.query.next)
    if (request.acceptsHtml && nameOf(request.sessionData) !== undefined) return reply.redirect(next, 303)
    if (!(await accounts.acceptsRegistration())) throw new RegistrationClosedError()
    const code = String(request.query.code ?? '')
    if (!(await request.mayRegister(code))) throw new FirstAccountCodeError()
    if (!request.acceptsHtml)
      return { passwordMinLength: accounts.passwordMinLength, ...(asksForEmail && { email: 'optional' }) }
    return form(reply, { next, code })
  })

  app.post('/register', { schema: { body } }, async (request, reply) => {
    const { username, password, code = '', email = '' } = request.body
    const next = request.returnPath(request.body.next)
    const registered = await reply.register({ username, password }, { next, code, email })
    if (!registered.ok) {
      const { field, error } = registered
      if (!request.acceptsHtml || field === undefined) throw error
      return form(reply.refuse(error), { next, code, username, email, wrongField: field, error })
    }
    const { account, email: given } = registered
    const sentTo = given?.isMailed ? given.address : undefined
    if (!request.acceptsHtml) return reply.code(201).send({ user: account.name, sentTo })
    if (given) {
      const { address } = given
      reply.flash(message(sentTo ? 'register.sentTo' : 'register.notSentTo', { address }))
    }
    return reply.redirect(next, 303)
  })

  function form(reply: FastifyReply, filledIn: { next: string; code: string; [field: string]: unknown }) {
    const { passwordMinLength } = accounts
    const loginUrl = otherPage(paths.ofPage('/login'), { next: filledIn.next, home })
    const empty = {
      username: '',
      email: '',
      asksForEmail,
      isFirst: config.registration === 'first',
      sendsMail: mail.isOn,
      wrongField: null,
      error: null
    }
    return reply.page('register', { passwordMinLength, loginUrl, ...empty, ...filledIn })
  }
}

export default register
