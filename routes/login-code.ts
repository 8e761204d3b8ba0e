import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { methodsOf } from '../plugins/auth/missing-proofs.ts'
import type { Pending } from '../plugins/pending-sign-in.ts'
import type { CredentialsVerified } from '../plugins/verify-credentials.ts'
import { verifiedAccount } from '../src/accounts/verification.ts'
import { objectSchema, string } from '../src/api/object-schema.ts'
import {
  BadInputError,
  type LatchkeyError,
  PasskeyRefusedError,
  SignInRequiredError
} from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'

const body = objectSchema({}, { code: string, credential: string })

/** The second factor of a sign-in, after the password: a code from the app, a recovery code, or a passkey. */
const loginCode: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { factors, passkeys, paths } = app[services]

  app.get('/login/code', async (request, reply) => {
    const pending = await request.pendingSignIn()
    if (!pending) return toSignIn(reply)
    if (!request.acceptsHtml) return asked(request, pending)
    return form(reply, pending)
  })

  app.post('/login/code', { schema: { body } }, async (request, reply) => {
    const pending = await request.pendingSignIn()
    if (!pending) return toSignIn(reply)
    const { account, next } = pending
    const verified = await verifySecond(request, pending, request.body)
    if (!verified.ok) {
      if (!request.acceptsHtml) throw verified.error
      return form(reply.refuse(verified.error), pending, verified.error)
    }
    await reply.completeSignIn(pending, verified.proofs)
    const { recoveryCode } = verified
    if (!request.acceptsHtml) return { user: account.name, ...(recoveryCode && { recoveryCode }) }
    if (recoveryCode === undefined) return reply.redirect(next, 303)
    return reply.page('recovery-code', { recoveryCode, next })
  })

  /** The password was given too long ago, or the account has changed since. */
  function toSignIn(reply: FastifyReply) {
    if (!reply.request.acceptsHtml) throw new SignInRequiredError()
    return reply.redirect(paths.ofPage('/login'), 303)
  }

  async function form(reply: FastifyReply, pending: Pending, error: LatchkeyError | null = null) {
    const { name: user } = pending.account
    const { methods, passkey } = await asked(reply.request, pending)
    return reply.page('login-code', {
      ...{ user, methods, error, isOfPasskey: error instanceof PasskeyRefusedError },
      passkey: passkey && JSON.stringify(passkey)
    })
  }

  async function asked(request: FastifyRequest, { account: { id } }: Pending) {
    const own = await factors.of(id)
    const methods = methodsOf(own, { factors: 2 }).filter((method) => method !== 'password')
    return { methods, passkey: passkeys.toUse(request, { id, passkeys: own.passkeys }) }
  }
}

async function verifySecond(
  request: FastifyRequest,
  { account }: Pending,
  { code, credential }: { readonly code?: string; readonly credential?: string }
): Promise<CredentialsVerified> {
  if (credential) return request.verifyPasskey(credential, account.id)
  if (!code) throw new BadInputError()
  const verified = await request.verifyCode(account, code)
  return verified.ok ? { ...verified, account: verifiedAccount(account), proofs: [verified.proof] } : verified
}

export default loginCode
