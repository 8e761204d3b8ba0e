import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { type Changed, provedNow } from '../../src/accounts/accounts.ts'
import { BadInputError, type LatchkeyError, WrongCredentialsError } from '../../src/errors.ts'
import { saying } from '../../src/texts/texts.ts'

const body = Type.Object({ current: Type.String(), password: Type.String() })

type Change = Extract<Changed, { ok: true }>

interface Refusal {
  readonly field: 'current' | 'password'
  readonly error: LatchkeyError
}

/** A new password, for who knows the old one: whoever else is signed in no longer is (ASVS 6.2.3, 7.4.3). */
const password: FastifyPluginAsyncTypebox = async (app) => {
  const { accounts } = app.latchkey

  app.get('/account/password', async (request, reply) => {
    const { name: user } = await request.requireUser()
    const { passwordMinLength } = accounts
    return request.wantsPage ? form(reply, { user }) : { user, passwordMinLength }
  })

  app.post('/account/password', { schema: { body } }, async (request, reply) => {
    const { name: username } = await request.requireUser()
    const { current, password } = request.body
    const wrong = new WrongCredentialsError(saying('input.notYourPassword'))
    const attempt = await request.prove({ username, password: current }, wrong)
    if (!attempt.ok) return refuse(reply, username, { field: 'current', error: attempt.error })
    await reply.checkSignIn()
    const options = { keep: request.session.sessionId, proved: attempt.account.proved }
    const changed = await accounts.changePassword({ username, password }, options)
    if (!changed.ok)
      return refuse(reply, username, { field: 'password', error: new BadInputError(changed.reason) })
    await request.audit('password-change')
    await reply.renewSession(provedNow(changed.account))
    return answer(reply, changed)
  })

  function answer(reply: FastifyReply, { account, sessionsEnded }: Change) {
    if (!reply.request.wantsPage) return { user: account.name, sessionsEnded }
    reply.leaveNotice(saying('account.password.changed', { count: sessionsEnded }))
    return reply.redirect('/account', 303)
  }

  function refuse(reply: FastifyReply, user: string, { field, error }: Refusal) {
    if (!reply.request.wantsPage) throw error
    return form(reply.refuse(error), { user, wrongField: field, error })
  }

  function form(reply: FastifyReply, filledIn: object) {
    const { passwordMinLength } = accounts
    return reply.page('account/password', { passwordMinLength, wrongField: null, error: null, ...filledIn })
  }
}

export default password
