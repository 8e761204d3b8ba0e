import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { recentlyProved } from '../../plugins/factors.ts'
import type { StoredAccount } from '../../src/accounts/account.ts'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import {
  type LatchkeyError,
  NotFoundError,
  PasskeyRefusedError,
  PasskeyTakenError
} from '../../src/errors/errors.ts'
import { newPasskeyName } from '../../src/factors/passkeys/passkey-names.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

const body = objectSchema({ credential: string })

/** A new passkey (ASVS 7.5.1). */
const newPasskey: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { factors, passkeys } = app[services]

  app.get('/account/security/passkeys', async (request, reply) =>
    form(reply, await request.requireAccount(recentlyProved))
  )

  app.post('/account/security/passkeys', { schema: { body } }, async (request, reply) => {
    const account = await request.requireUnchangedAccount(recentlyProved)
    const made = await passkeys.created(request.body.credential, request, account.id)
    if (!made) return refuse(reply, account, new PasskeyRefusedError())
    const name = newPasskeyName(made, request.headers['user-agent'])
    const options = { keep: request.session.sessionId, circumstances: request.circumstances() }
    const added = await factors.addPasskey(account, { ...made, name }, options)
    if (!added) return refuse(reply, account, new PasskeyTakenError())
    await request.audit('passkey-add', { detail: name })
    await reply.continueAfter(added, ['passkey'])
    return reply.factorAdded(added, message('account.security.passkeyAdded', { name }))
  })

  function refuse(reply: FastifyReply, account: StoredAccount, error: LatchkeyError) {
    if (!reply.request.acceptsHtml) throw error
    return form(reply.refuse(error), account, error)
  }

  async function form(reply: FastifyReply, account: StoredAccount, error: LatchkeyError | null = null) {
    const { request } = reply
    const options = passkeys.toCreate(request, account, await factors.of(account.id))
    if (!options) throw new NotFoundError()
    if (!request.acceptsHtml) return { passkey: options }
    const endsOthers = account.secondFactors === 0
    return reply.page('account/new-passkey', { options: JSON.stringify(options), endsOthers, error })
  }
}

export default newPasskey
