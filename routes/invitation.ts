import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { objectSchema, string } from '../src/api/object-schema.ts'
import { LinkInvalidError, NameTakenError, ThrottledError } from '../src/errors/errors.ts'
import { message } from '../src/i18n/texts.ts'
import { type InvitationUsed, invitationMilliseconds } from '../src/invitations/invitations.ts'
import { services } from '../src/open-services.ts'

const body = objectSchema({ username: string, password: string })

/** A new account by the link of an invitation: see mailedLink. Nobody is signed in by it. */
const invitation: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { accounts, config, invitations, throttle } = app[services]
  const page = { path: '/invitation', name: 'invitation', lifetimeMilliseconds: invitationMilliseconds }
  const { look, tokenOf, drop } = app.mailedLink(page)
  const { passwordMinLength } = accounts
  const title = message('invitation.title', { site: config.branding.name })

  app.get('/invitation', look, async (request, reply) => {
    const found = await invitations.find(tokenOf(request))
    if (!found) throw new LinkInvalidError()
    const { address, role } = found
    return request.acceptsHtml ? form(reply, found) : { address, role, passwordMinLength }
  })

  app.post('/invitation', { schema: { body } }, async (request, reply) => {
    const token = tokenOf(request)
    const found = await invitations.find(token)
    if (!found) throw new LinkInvalidError()
    const run = () => invitations.accept(token, request.body, request.ip)
    const used = await throttle.guardRegistration(request.ip, { run, counts: revealsName })
    if ('retryAfterSeconds' in used) throw new ThrottledError(used.retryAfterSeconds, 'naming')
    if (!used.ok) {
      const { error, field: wrongField } = used
      if (!request.acceptsHtml || wrongField === undefined) throw error
      return form(reply.refuse(error), { ...found, username: request.body.username, wrongField, error })
    }
    const { name, id: account } = used.account
    // Whoever chose the password is the owner, in the owner's browser.
    await request.rememberDevice(used.account)
    await request.keepLanguage(used.account, true)
    const about = { name, account, session: undefined }
    if (used.kind === 'registration') await request.audit('registration', about)
    else await request.audit('invitation-use', { ...about, detail: found.role })
    drop(reply)
    if (!request.acceptsHtml) return reply.code(201).send({ user: name })
    return reply.page('invitation-done', { name, signedInAs: undefined })
  })

  /** Whoever is signed in here may be somebody else. */
  function form(reply: FastifyReply, filledIn: object) {
    const empty = { username: '', wrongField: null, error: null, signedInAs: undefined }
    return reply.page('invitation', { title, passwordMinLength, ...empty, ...filledIn })
  }
}

/** A created account reveals that the name was free. */
function revealsName(used: InvitationUsed): boolean {
  return used.ok || used.error instanceof NameTakenError
}

export default invitation
