import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply } from 'fastify'
import { methodsOf } from '../plugins/auth/missing-proofs.ts'
import type { Pending } from '../plugins/pending-sign-in.ts'
import { objectSchema, string } from '../src/api/object-schema.ts'
import { type LatchkeyError, SignInRequiredError } from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'

const body = objectSchema({ code: string })

/** The second factor of a sign-in, after the password: a code from the app, or a recovery code. */
const loginCode: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { factors, paths } = app[services]

  app.get('/login/code', async (request, reply) => {
    const pending = await request.pendingSignIn()
    if (!pending) return toSignIn(reply)
    if (!request.acceptsHtml) return { methods: await methods(pending) }
    return form(reply, pending)
  })

  app.post('/login/code', { schema: { body } }, async (request, reply) => {
    const pending = await request.pendingSignIn()
    if (!pending) return toSignIn(reply)
    const { account, next } = pending
    const verified = await request.verifyCode(account, request.body.code)
    if (!verified.ok) {
      if (!request.acceptsHtml) throw verified.error
      return form(reply.refuse(verified.error), pending, verified.error)
    }
    await reply.completeSignIn(pending, [verified.proof])
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
    return reply.page('login-code', { user, methods: await methods(pending), error })
  }

  async function methods({ account: { id } }: Pending) {
    const all = methodsOf(await factors.of(id), { factors: 2 })
    return all.filter((method) => method !== 'password')
  }
}

export default loginCode
