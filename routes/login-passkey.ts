import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { objectSchema, string } from '../src/api/object-schema.ts'
import { NotFoundError, PasskeyUnverifiedError } from '../src/errors/errors.ts'
import { services } from '../src/open-services.ts'
import { loginForm } from './login.ts'

const body = objectSchema({ credential: string }, { remember: { enum: ['on', true, false] }, next: string })

/** Sign-in by a passkey alone, which has to verify its user: then it is two factors (NIST SP 800-63B-4 §3.1.7.2). */
const loginPasskey: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { passkeys, paths } = app[services]
  const form = loginForm(app)

  app.get('/login/passkey', { config: { session: false } }, async (request, reply) => {
    if (request.acceptsHtml) return reply.redirect(paths.ofPage('/login'), 303)
    const passkey = passkeys.toUse(request)
    if (!passkey) throw new NotFoundError()
    return { passkey }
  })

  app.post('/login/passkey', { schema: { body } }, async (request, reply) => {
    const { credential, remember = false } = request.body
    const next = request.returnPath(request.body.next)
    const verified = await request.verifyPasskey(credential)
    if (!verified.ok || !verified.proofs.includes('verified')) {
      const error = verified.ok ? new PasskeyUnverifiedError() : verified.error
      if (!request.acceptsHtml) throw error
      const unknown = verified.ok ? undefined : verified.unknown
      return form(reply.refuse(error), {
        next,
        remember,
        error,
        isOfPasskey: true,
        ...(unknown && { unknown })
      })
    }
    const { account, proofs } = verified
    await reply.signIn(account, { remember: remember !== false, proofs, next })
    return request.acceptsHtml ? reply.redirect(next, 303) : { user: account.name }
  })
}

export default loginPasskey
