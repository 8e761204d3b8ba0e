import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { deedBy } from '../../plugins/admin/administered.ts'
import { administering } from '../../plugins/auth/options.ts'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import { BadInputError, HasAccountError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { folderOf } from '../../src/mail/mail-target.ts'
import { services } from '../../src/open-services.ts'

const body = objectSchema({ address: string }, { administrator: string })
const params = objectSchema({ invitation: string })
const mostShown = 100

/** Lets somebody in: whoever reads mail at an address chooses a name and a password. */
const invitationsRoutes: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { invitations, languages, mail, paths, siteAdministration } = app[services]

  app.get('/invitations', { config: { asksToChange: true } }, (_request, reply) => form(reply))

  app.post('/invitations', { schema: { body } }, async (request, reply) => {
    const by = await request.requireUser(administering)
    const { address, administrator } = request.body
    const role = /^(on|true)$/.test(administrator ?? '') ? 'admin' : 'user'
    const { tag: language } = languages.localizerOf(request.raw).language
    try {
      const made = await siteAdministration.invite({ address, role, language }, deedBy(by, request))
      return leadBack(reply, message('admin.invitations.made', { address: made.address }))
    } catch (error) {
      const isOfForm = error instanceof BadInputError || error instanceof HasAccountError
      if (!isOfForm || !request.acceptsHtml) throw error
      return form(reply.refuse(error), { address, role, error })
    }
  })

  app.post('/invitations/:invitation', { schema: { params } }, async (request, reply) => {
    const by = await request.requireUser(administering)
    const isWithdrawn = await siteAdministration.withdraw(request.params.invitation, deedBy(by, request))
    return leadBack(reply, message(isWithdrawn ? 'admin.invitations.withdrawn' : 'admin.wasOver'))
  })

  async function form(reply: FastifyReply, filledIn: object = {}) {
    const listed = (await invitations.list()).slice(0, mostShown)
    if (!reply.request.acceptsHtml) return { invitations: listed }
    const empty = { address: '', role: 'user', error: null }
    const folder = folderOf(mail.target)
    const shown = { isWide: true, section: 'people', isPossible: mail.isOn, folder, invitations: listed }
    return reply.page('admin/invitations', { ...shown, ...empty, ...filledIn })
  }

  function leadBack(reply: FastifyReply, said: ReturnType<typeof message>) {
    if (!reply.request.acceptsHtml) return { done: true }
    reply.flash(said)
    return reply.redirect(paths.ofPage('/admin/invitations'), 303)
  }
}

export default invitationsRoutes
