import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

const body = objectSchema({ current: string, name: string })

/** Changes the name; requires the password. Sessions go on. */
const name: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { mail, paths } = app[services]

  app.get('/account/name', async (request, reply) => {
    const { name: user } = await request.requireUser({ account: true })
    return request.acceptsHtml ? form(reply, { user }) : { user }
  })

  app.post('/account/name', { schema: { body } }, async (request, reply) => {
    const { name: former } = await request.requireUser({ account: true })
    const renamed = await reply.rename(request.body)
    if (!renamed.ok) {
      const { error, field: wrongField } = renamed
      if (!request.acceptsHtml) throw error
      return form(reply.refuse(error), { user: former, name: request.body.name, wrongField, error })
    }
    const { name: user } = renamed.account
    if (!request.acceptsHtml) return { user, formerName: renamed.formerName }
    reply.flash(message('account.name.changed', { name: user }))
    return reply.redirect(paths.ofPage('/account'), 303)
  })

  function form(reply: FastifyReply, filledIn: object) {
    return reply.page('account/name', {
      name: '',
      sendsMail: mail.isOn,
      wrongField: null,
      error: null,
      ...filledIn
    })
  }
}

export default name
