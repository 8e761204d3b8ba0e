import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { lastFactor } from '../../plugins/auth/last-factor.ts'
import { recentlyProved } from '../../plugins/factors.ts'
import type { StoredAccount } from '../../src/accounts/account.ts'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import { BadInputError, type LatchkeyError, NotFoundError } from '../../src/errors/errors.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

const body = objectSchema({ enrolment: string, code: string })

/** Codes from an authenticator app: set up, set up anew, remove (ASVS 6.5.1, 7.5.1). */
const authenticatorApp: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { enrolments, factors, paths } = app[services]
  const mayGo = lastFactor(app)

  app.get('/account/security/app', async (request, reply) => {
    const account = await request.requireAccount(recentlyProved)
    return form(reply, account)
  })

  app.post('/account/security/app', { schema: { body } }, async (request, reply) => {
    const account = await request.requireUnchangedAccount(recentlyProved)
    const { enrolment, code } = request.body
    const seed = enrolments.open(enrolment, account.id)
    const options = { keep: request.session.sessionId, circumstances: request.circumstances() }
    const added = seed === undefined ? undefined : await factors.addCodes(account, { seed, code }, options)
    if (!added) return refuse(reply, account, enrolment)
    await request.audit('code-add')
    await reply.continueAfter(added, ['totp'])
    return reply.factorAdded(added, message('account.security.codesAdded'))
  })

  app.get('/account/security/app/remove', async (request, reply) => {
    mayGo(await toRemove(await request.requireAccount(recentlyProved)))
    return reply.page('account/security-question', {
      question: message('account.removeApp.question'),
      what: message('account.removeApp.what'),
      act: message('account.removeApp.remove'),
      action: paths.ofPage('/account/security/app/remove'),
      isDangerous: true
    })
  })

  app.post('/account/security/app/remove', async (request, reply) => {
    const account = await request.requireUnchangedAccount(recentlyProved)
    mayGo(await toRemove(account))
    await factors.removeCodes(account, {
      keep: request.session.sessionId,
      circumstances: request.circumstances()
    })
    await request.audit('code-remove')
    return reply.factorChanged(message('account.security.codesRemoved'))
  })

  async function toRemove({ id, role }: StoredAccount) {
    const { codes, passkeys } = await factors.of(id)
    return { isLast: codes !== undefined && passkeys.length === 0, role }
  }

  function refuse(reply: FastifyReply, account: StoredAccount, enrolment: string) {
    const error = new BadInputError(message('account.authenticatorApp.wrongCode'))
    if (!reply.request.acceptsHtml) throw error
    return form(reply.refuse(error), account, { enrolment, error })
  }

  async function form(
    reply: FastifyReply,
    account: StoredAccount,
    { enrolment, error }: { enrolment?: string; error?: LatchkeyError } = {}
  ) {
    if (!enrolments.isPossible) throw new NotFoundError()
    const { key, uri, qr, sealed } = await enrolments.begin(account, enrolment)
    if (!reply.request.acceptsHtml) return { key, uri, enrolment: sealed }
    const isReplaced = (await factors.of(account.id)).codes !== undefined
    const endsOthers = isReplaced || account.secondFactors === 0
    const shown = { key, qr, enrolment: sealed, isReplaced, endsOthers, error: error ?? null }
    return reply.page('account/authenticator-app', shown)
  }
}

export default authenticatorApp
