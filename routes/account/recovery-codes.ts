import type { FastifyInstance } from 'fastify'
import { recentlyProved } from '../../plugins/factors.ts'
import { NotFoundError, SignInUndoneError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

/** New recovery codes in place of those there are. */
export default async function recoveryCodes(app: FastifyInstance) {
  const { factors, paths } = app[services]

  app.get('/account/security/recovery-codes', async (request, reply) => {
    const { id } = await request.requireUser(recentlyProved)
    const { codes, passkeys, recoveryCodes } = await factors.of(id)
    if (!codes && passkeys.length === 0) throw new NotFoundError()
    if (!request.acceptsHtml) return recoveryCodes
    return reply.page('account/security-question', {
      question: message('account.newRecoveryCodes.question'),
      what: message('account.newRecoveryCodes.what'),
      act: message('account.newRecoveryCodes.make'),
      action: paths.ofPage('/account/security/recovery-codes')
    })
  })

  app.post('/account/security/recovery-codes', async (request, reply) => {
    const account = await request.requireUnchangedAccount(recentlyProved)
    const codes = await factors.newRecoveryCodes(account, request.circumstances())
    if (!codes) throw new SignInUndoneError()
    await request.audit('recovery-codes-make')
    return reply.showRecoveryCodes(codes, message('account.recoveryCodes.made'))
  })
}
