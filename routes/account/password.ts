import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import type { LatchkeyError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'
import { describeEnded } from '../../src/sessions/ended-count.ts'

const body = objectSchema({ current: string, password: string })

interface Refusal {
  readonly field: 'current' | 'password'
  readonly error: LatchkeyError
}

/** Changes the password; requires the old one, and ends all other sessions (ASVS 6.2.3, 7.4.3). */
const password: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { accounts, paths } = app[services]

  app.get('/account/password', async (request, reply) => {
    const { name: user } = await request.requireOtherFactors()
    const { passwordMinLength } = accounts
    return request.acceptsHtml ? form(reply, { user }) : { user, passwordMinLength }
  })

  app.post('/account/password', { schema: { body } }, async (request, reply) => {
    const { name: user } = await request.requireUser({ account: true, factors: 1 })
    const changed = await reply.changePassword(request.body)
    if (!changed.ok) return refuse(reply, user, changed)
    const { sessionsEnded, more } = describeEnded(changed.sessionsEnded)
    if (!request.acceptsHtml) return { user, sessionsEnded, ...(more && { more }) }
    const done = more ? 'account.password.changedMany' : 'account.password.changed'
    reply.flash(message(done, { count: sessionsEnded }))
    return reply.redirect(paths.ofPage('/account'), 303)
  })

  // Password managers lead here from the root of a site (W3C, A Well-Known URL for Changing Passwords).
  app.get('/.well-known/change-password', { config: { session: false } }, (_request, reply) =>
    reply.redirect(paths.ofPage('/account/password'), 303)
  )

  function refuse(reply: FastifyReply, user: string, { field, error }: Refusal) {
    if (!reply.request.acceptsHtml) throw error
    return form(reply.refuse(error), { user, wrongField: field, error })
  }

  function form(reply: FastifyReply, filledIn: object) {
    const { passwordMinLength } = accounts
    return reply.page('account/password', { passwordMinLength, wrongField: null, error: null, ...filledIn })
  }
}

export default password
