import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import type { Credentials } from '../src/accounts/accounts.ts'
import type { Registered } from '../src/accounts/registration.ts'
import { NameTakenError, RegistrationClosedError, ThrottledError } from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'
import { ownerOf } from '../src/sessions/session-record.ts'

const body = Type.Object({ username: Type.String(), password: Type.String() })

type RegistrationOutcome =
  | Registered
  | { readonly ok: false; readonly field: null; readonly error: ThrottledError }

const register: FastifyPluginAsyncTypebox = async (app) => {
  const { accounts, throttle, home } = app[services]

  app.get('/register', async (request, reply) => {
    if (request.acceptsHtml && ownerOf(request.sessionData) !== undefined) return reply.redirect(home, 303)
    if (!(await accounts.acceptsRegistration())) throw new RegistrationClosedError()
    if (!request.acceptsHtml) return { passwordMinLength: accounts.passwordMinLength }
    return form(reply, {})
  })

  app.post('/register', { schema: { body } }, async (request, reply) => {
    if (!(await accounts.acceptsRegistration())) throw new RegistrationClosedError()
    const registered = await choose(request, reply)
    if (!registered.ok) {
      const { field, error } = registered
      if (!request.acceptsHtml || field === undefined) throw error
      return form(reply.refuse(error), { username: request.body.username, wrongField: field, error })
    }
    await request.audit('registration', { name: registered.account.name })
    await reply.signIn(registered.account)
    if (request.acceptsHtml) return reply.redirect(home, 303)
    return reply.code(201).send({ user: registered.account.name })
  })

  async function choose(
    { ip, body }: { ip: string; body: Credentials },
    reply: FastifyReply
  ): Promise<RegistrationOutcome> {
    const run = async () => {
      await reply.checkSignIn()
      return accounts.register(body, ip)
    }
    const outcome = await throttle.guardRegistration(ip, { run, counts: revealsName })
    if (!('retryAfterSeconds' in outcome)) return outcome
    return { ok: false, field: null, error: new ThrottledError(outcome.retryAfterSeconds, 'naming') }
  }

  function form(reply: FastifyReply, filledIn: object) {
    const { passwordMinLength } = accounts
    const empty = { username: '', wrongField: null, error: null }
    return reply.page('register', { passwordMinLength, ...empty, ...filledIn })
  }
}

/** A created account reveals that the name was free. */
function revealsName(registered: Registered): boolean {
  return registered.ok || registered.error instanceof NameTakenError
}

export default register
