import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { lastFactor } from '../../plugins/auth/last-factor.ts'
import { recentlyProved } from '../../plugins/factors.ts'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import { BadInputError, NotFoundError } from '../../src/errors/errors.ts'
import { longestPasskeyName, passkeyNameOf } from '../../src/factors/passkeys/passkey-names.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

const params = objectSchema({ id: string })
const body = objectSchema({ name: string })

/** One passkey: rename, remove. */
const passkey: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { factors, paths } = app[services]
  const mayGo = lastFactor(app)

  app.get('/account/security/passkeys/:id', { schema: { params } }, async (request, reply) => {
    const { id: account } = await request.requireUser(recentlyProved)
    return form(reply, await find(account, request.params.id))
  })

  app.post('/account/security/passkeys/:id', { schema: { params, body } }, async (request, reply) => {
    const { id: account } = await request.requireUser(recentlyProved)
    const found = await find(account, request.params.id)
    const name = passkeyNameOf(request.body.name)
    if (name === undefined) return refuse(reply, found, request.body.name)
    await factors.renamePasskey(account, found.passkey.id, name)
    await request.audit('passkey-rename', { detail: name })
    return reply.factorChanged(message('account.security.passkeyRenamed', { name }))
  })

  app.get('/account/security/passkeys/:id/remove', { schema: { params } }, async (request, reply) => {
    const { id: account, role } = await request.requireUser(recentlyProved)
    const { passkey, isLast } = await find(account, request.params.id)
    mayGo({ isLast, role })
    return reply.page('account/security-question', {
      question: message('account.removePasskey.question', { name: passkey.name }),
      what: message(isLast ? 'account.passkey.aboutLastRemoval' : 'account.passkey.aboutRemoval'),
      act: message('account.removePasskey.remove'),
      action: paths.ofPage(`/account/security/passkeys/${passkey.id}/remove`),
      isDangerous: true
    })
  })

  app.post('/account/security/passkeys/:id/remove', { schema: { params } }, async (request, reply) => {
    const account = await request.requireUnchangedAccount(recentlyProved)
    const { passkey, isLast } = await find(account.id, request.params.id)
    mayGo({ isLast, role: account.role })
    const { name } = passkey
    await factors.removePasskey(account, passkey.id, {
      keep: request.session.sessionId,
      circumstances: request.circumstances()
    })
    await request.audit('passkey-remove', { detail: name })
    return reply.factorChanged(message('account.security.passkeyRemoved', { name }))
  })

  async function find(account: string, id: string) {
    const { codes, passkeys } = await factors.of(account)
    const passkey = passkeys.find((one) => one.id === id)
    if (!passkey) throw new NotFoundError()
    return { passkey, isLast: !codes && passkeys.length === 1 }
  }

  type Found = Awaited<ReturnType<typeof find>>

  function refuse(reply: FastifyReply, found: Found, name: string) {
    const error = new BadInputError(message('account.passkey.badName', { longest: longestPasskeyName }))
    if (!reply.request.acceptsHtml) throw error
    return form(reply.refuse(error), found, { name, error })
  }

  function form(reply: FastifyReply, { passkey, isLast }: Found, filledIn: object = {}) {
    const { id, name, createdAt, usedAt } = passkey
    if (!reply.request.acceptsHtml) return { id, name, createdAt, usedAt }
    const empty = { name, error: null }
    return reply.page('account/passkey', {
      passkey,
      isLast,
      longestName: longestPasskeyName,
      ...empty,
      ...filledIn
    })
  }
}

export default passkey
