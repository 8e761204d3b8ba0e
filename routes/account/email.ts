import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { recentlyProved } from '../../plugins/factors.ts'
import type { StoredAccount } from '../../src/accounts/account.ts'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import { MailOffError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

const body = objectSchema({ email: string })

/** The e-mail address: seen, set, changed, removed (ASVS 7.5.1). */
const email: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { addresses, mail, paths } = app[services]

  app.get('/account/email', async (request, reply) => {
    const account = await request.requireAccount(recentlyProved)
    // Nothing is promised where no mail is sent.
    if (!addresses.isPossible && account.email === undefined) throw new MailOffError()
    return form(reply, account)
  })

  app.post('/account/email', { schema: { body } }, async (request, reply) => {
    const account = await request.requireAccount(recentlyProved)
    const asked = await request.askForAddress(request.body.email)
    if (!asked.ok) {
      const { error } = asked
      if (!request.acceptsHtml) throw error
      return form(reply.refuse(error), account, { typed: request.body.email, error })
    }
    return request.acceptsHtml ? toForm(reply) : { sentTo: asked.address }
  })

  app.get('/account/email/remove', async (request, reply) => {
    const { email } = await request.requireAccount(recentlyProved)
    if (email === undefined) return toForm(reply)
    return request.acceptsHtml ? reply.page('account/remove-email') : { email }
  })

  app.post('/account/email/remove', async (request, reply) => {
    await request.removeAddress()
    if (!request.acceptsHtml) return { email: null }
    reply.flash(message('account.email.removed'))
    return reply.redirect(paths.ofPage('/account'), 303)
  })

  function toForm(reply: FastifyReply) {
    return reply.redirect(paths.ofPage('/account/email'), 303)
  }

  async function form(reply: FastifyReply, { id, email, emailAt }: StoredAccount, filledIn: object = {}) {
    const waiting = await addresses.waiting(id)
    const shown = {
      email: email ?? null,
      confirmedAt: emailAt ?? null,
      waiting: waiting ? { email: waiting.address, until: waiting.expiresAt } : null
    }
    if (!reply.request.acceptsHtml) return shown
    const { isPossible } = addresses
    const failed = (await mail.lastFailureOf(id)) ?? null
    return reply.page('account/email', { ...shown, isPossible, failed, typed: '', error: null, ...filledIn })
  }
}

export default email
