import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { provedNow } from '../../src/accounts/accounts.ts'
import { refusals } from '../../src/api/answers.ts'
import { Ended, PasswordChange } from '../../src/api/schemas.ts'
import { BadInputError, WrongCredentialsError } from '../../src/errors.ts'
import { saying } from '../../src/texts/texts.ts'

/** A new password, for who knows the old one. */
const passwordApi: FastifyPluginAsyncTypebox = async (app) => {
  const { accounts } = app.latchkey

  const change = {
    tags: ['password'],
    security: [{ session: [] }],
    operationId: 'changePassword',
    summary: 'Change the password',
    description: 'Ends every other session. This one goes on under a new cookie.',
    body: PasswordChange,
    response: { 200: Ended, ...refusals(400, 401) }
  }
  app.put('/api/password', { config: { pages: false }, schema: change }, async (request, reply) => {
    const { name: username } = await request.requireUser()
    const { current, password } = request.body
    const attempt = await accounts.verify({ username, password: current })
    if (!attempt.ok) throw new WrongCredentialsError(saying('input.notYourPassword'))
    await reply.checkSignIn()
    const options = { keep: request.session.sessionId, proved: attempt.account.proved }
    const changed = await accounts.changePassword({ username, password }, options)
    if (!changed.ok) throw new BadInputError(changed.reason)
    await request.audit('password-change')
    await reply.renewSession(provedNow(changed.account))
    return { sessionsEnded: changed.sessionsEnded }
  })
}

export default passwordApi
