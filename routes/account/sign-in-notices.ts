import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { recentlyProved } from '../../plugins/factors.ts'
import { objectSchema } from '../../src/api/object-schema.ts'
import { MailOffError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

const body = objectSchema({ send: { enum: ['yes', 'no'] } as const })

/** Whether somebody is mailed of sign-ins in browsers that are not known: the only notice that its reader can turn off. */
const signInNotices: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { mail, paths } = app[services]

  // Where a browser comes back to that had to prove more.
  app.get('/account/security/notices', async (request, reply) => {
    const { signInNotices = true } = await request.requireAccount()
    if (!request.acceptsHtml) return { send: signInNotices ? 'yes' : 'no' }
    return reply.redirect(paths.ofPage('/account/security'), 303)
  })

  app.post('/account/security/notices', { schema: { body } }, async (request, reply) => {
    const { id } = await request.requireUnchangedAccount(recentlyProved)
    if (!mail.notices.tells('sign-in')) throw new MailOffError()
    const isSent = request.body.send === 'yes'
    await mail.preferences.setSignInNotices(id, isSent)
    if (!request.acceptsHtml) return { send: request.body.send }
    reply.flash(message(isSent ? 'account.security.noticesOn' : 'account.security.noticesOff'))
    return reply.redirect(paths.ofPage('/account/security'), 303)
  })
}

export default signInNotices
