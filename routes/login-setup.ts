import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Pending } from '../plugins/pending-sign-in.ts'
import { objectSchema, string } from '../src/api/object-schema.ts'
import {
  BadInputError,
  type LatchkeyError,
  PasskeyRefusedError,
  SignInRequiredError
} from '../src/errors/errors.ts'
import type { ChangedFactors } from '../src/factors/factors.ts'
import { newPasskeyName } from '../src/factors/passkeys/passkey-names.ts'
import { message } from '../src/i18n/texts.ts'
import { services } from '../src/open-services.ts'

const body = objectSchema({}, { enrolment: string, code: string, credential: string })

/** The first second factor, which SECOND_FACTOR asks for: set up after the password, before there is a session. */
const loginSetup: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { enrolments, factors, passkeys, paths } = app[services]

  app.get('/login/setup', async (request, reply) => {
    const pending = await request.pendingSignIn()
    if (!pending || pending.account.secondFactors > 0) return elsewhere(reply, pending)
    return form(reply, pending)
  })

  app.post('/login/setup', { schema: { body } }, async (request, reply) => {
    const pending = await request.pendingSignIn()
    if (!pending || pending.account.secondFactors > 0) return elsewhere(reply, pending)
    const { credential, enrolment = '', code = '' } = request.body
    const added = credential
      ? await addPasskey(request, pending, credential)
      : await addCodes(request, pending, { enrolment, code })
    if (!added) return refuse(reply, pending, { credential, enrolment })
    await reply.continueOrSignIn(pending, added, [credential ? 'passkey' : 'totp'])
    return reply.showRecoveryCodes(added.recoveryCodes ?? [], message('loginSetup.done'), pending.next)
  })

  async function addCodes(
    request: FastifyRequest,
    { account, keep }: Pending,
    { enrolment, code }: { readonly enrolment: string; readonly code: string }
  ): Promise<ChangedFactors | undefined> {
    const seed = enrolments.open(enrolment, account.id)
    const options = { keep, circumstances: request.circumstances() }
    const added = seed === undefined ? undefined : await factors.addCodes(account, { seed, code }, options)
    if (added) await request.audit('code-add', { name: account.name, account: account.id })
    return added
  }

  async function addPasskey(request: FastifyRequest, { account, keep }: Pending, credential: string) {
    const made = await passkeys.created(credential, request, account.id)
    const name = made && newPasskeyName(made, request.headers['user-agent'])
    const options = { keep, circumstances: request.circumstances() }
    const added = made && name && (await factors.addPasskey(account, { ...made, name }, options))
    if (added) await request.audit('passkey-add', { name: account.name, account: account.id, detail: name })
    return added || undefined
  }

  /** The password was given too long ago, or there is a factor by now. */
  function elsewhere(reply: FastifyReply, pending: Pending | undefined) {
    if (!reply.request.acceptsHtml) throw new SignInRequiredError()
    return reply.redirect(paths.ofPage(pending ? '/login/code' : '/login'), 303)
  }

  function refuse(
    reply: FastifyReply,
    pending: Pending,
    sent: { credential?: string | undefined; enrolment: string }
  ) {
    const error = sent.credential
      ? new PasskeyRefusedError()
      : new BadInputError(message('account.authenticatorApp.wrongCode'))
    if (!reply.request.acceptsHtml) throw error
    return form(reply.refuse(error), pending, { error, enrolment: sent.enrolment })
  }

  async function form(
    reply: FastifyReply,
    { account }: Pending,
    { error = null, enrolment }: { error?: LatchkeyError | null; enrolment?: string } = {}
  ) {
    const begun = enrolments.isPossible ? await enrolments.begin(account, enrolment) : undefined
    const passkey = passkeys.toCreate(reply.request, account, { passkeys: [] })
    const { key, uri, qr, sealed } = begun ?? {}
    if (!reply.request.acceptsHtml) return { key, uri, enrolment: sealed, passkey }
    const shown = { key, qr, enrolment: sealed, passkey: passkey && JSON.stringify(passkey) }
    return reply.page('login-setup', { user: account.name, ...shown, error })
  }
}

export default loginSetup
