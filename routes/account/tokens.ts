import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { allFactors } from '../../plugins/auth/options.ts'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

const params = objectSchema({ id: string })
const body = objectSchema({ name: string, days: string }, { hosts: string, forApi: string })
/** As for ending sessions. */
const recently = { within: '10m', factors: 1 } as const
const usualDays = '90'

/** The user's tokens for programs. Making one requires everything that the account is opened with (ASVS 7.5.1). */
const tokensRoutes: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { config, paths, tokens } = app[services]

  app.get('/account/tokens', async (request, reply) => {
    const { id } = await request.requireUser({ account: true, factors: 1 })
    const listed = { tokens: await tokens.list(id) }
    return request.acceptsHtml ? reply.page('account/tokens', listed) : listed
  })

  app.get('/account/tokens/new', async (request, reply) => {
    await request.requireUser({ ...allFactors, account: true })
    const hosts = config.gateHosts.map((host) => host.replace(/:\d+$/, ''))
    const named = hosts.filter((host) => !host.startsWith('*.'))
    const forApi = hosts.length === 0
    return request.acceptsHtml ? form(reply, { hosts: named.join(' '), forApi }) : { hosts }
  })

  app.post('/account/tokens/new', { schema: { body } }, async (request, reply) => {
    const { id, name: user } = await request.requireUnchangedAccount(allFactors)
    const { name, days, hosts = '', forApi = '' } = request.body
    const asked = { name, hosts, days: Number(days), forApi: /^(on|true)$/.test(forApi) }
    const made = await tokens.make(id, asked, request.circumstances())
    if (!made.ok) {
      const { error, field: wrongField } = made
      if (!request.acceptsHtml) throw error
      return form(reply.refuse(error), { ...asked, days, wrongField, error })
    }
    const { token, details } = made
    await request.audit('token-make', { detail: details.name })
    if (!request.acceptsHtml) return reply.code(201).send({ token, ...details })
    return reply.page('account/token-made', { token, user })
  })

  app.get('/account/tokens/:id', { schema: { params } }, async (request, reply) => {
    const { id } = await request.requireUser({ ...recently, account: true })
    const token = (await tokens.list(id)).find((token) => token.id === request.params.id)
    if (!token) return reply.callNotFound()
    return request.acceptsHtml ? reply.page('account/end-token', { token }) : token
  })

  app.post('/account/tokens/:id', { schema: { params } }, async (request, reply) => {
    const { id } = await request.requireUser({ ...recently, account: true })
    const ended = await tokens.end(id, request.params.id, request.circumstances())
    if (ended) await request.audit('token-end', { detail: ended.name })
    if (!request.acceptsHtml) return { ended: Number(ended !== undefined) }
    reply.flash(message(ended ? 'account.endToken.done' : 'account.endToken.wasOver'))
    return reply.redirect(paths.ofPage('/account/tokens'), 303)
  })

  function form(reply: FastifyReply, filledIn: object) {
    const empty = { name: '', hosts: '', days: usualDays, forApi: false, wrongField: null, error: null }
    return reply.page('account/new-token', { ...empty, hasApps: config.gateHosts.length > 0, ...filledIn })
  }
}

export default tokensRoutes
