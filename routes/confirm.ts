import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Confirmation, confirmations } from '../plugins/auth/confirmations.ts'
import { objectSchema, string } from '../src/api/object-schema.ts'
import { type LatchkeyError, PasskeyRefusedError } from '../src/errors/errors.ts'
import { withDemand, withReturn } from '../src/gate/return-link.ts'
import { services } from '../src/open-services.ts'

const query = objectSchema({}, { next: {}, factors: {}, within: {} })
const body = objectSchema(
  {},
  { password: string, code: string, credential: string, next: string, factors: string, within: string }
)

interface Filled extends Confirmation {
  readonly user: string
  readonly next: string
  readonly error?: LatchkeyError
}

/** Re-authentication before sensitive actions: asks for what is missing. */
const confirm: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { factors, passkeys, paths } = app[services]
  const { confirmationFor, leadOn } = confirmations(app)

  app.get('/confirm', { schema: { querystring: query } }, async (request, reply) => {
    const { id, name: user } = await request.requireUser({ account: true, factors: 1 })
    if (!request.acceptsHtml) return { user, passkey: await passkeyOf(request, id) }
    const next = request.returnPath(request.query.next)
    const confirmation = await confirmationFor(request, request.query)
    if (!Object.values(confirmation.asks).includes(true)) return leadOn(reply, confirmation, next)
    return form(reply, { ...confirmation, user, next })
  })

  app.post('/confirm', { schema: { body } }, async (request, reply) => {
    const { name: user } = await request.requireUser({ account: true, factors: 1 })
    const next = request.returnPath(request.body.next)
    const proved = await request.verifyOwnProofs(request.body)
    const confirmation = request.acceptsHtml && (await confirmationFor(request, request.body))
    if (!proved.ok) {
      if (!confirmation) throw proved.error
      return form(reply.refuse(proved.error), { ...confirmation, user, next, error: proved.error })
    }
    const { account, proofs, recoveryCode } = proved
    await reply.renewSession(account, { proofs })
    if (!confirmation) return { user, ...(recoveryCode && { recoveryCode }) }
    const place = confirmation.factors === 1 ? next : again(next, confirmation)
    return recoveryCode
      ? reply.page('recovery-code', { recoveryCode, next: place })
      : reply.redirect(place, 303)
  })

  /** More may be missing: then the page asks for it, else it leads on. */
  function again(next: string, confirmation: Confirmation): string {
    return withDemand(withReturn(paths.ofPage('/confirm'), next), confirmation)
  }

  async function form(reply: FastifyReply, filled: Filled) {
    const { request } = reply
    const asked = filled.asks.passkey && (await passkeyOf(request, request.sessionUser?.id ?? ''))
    return reply.page('confirm', {
      ...{ error: null, ...filled, isOfPasskey: filled.error instanceof PasskeyRefusedError },
      passkey: asked && JSON.stringify(asked)
    })
  }

  async function passkeyOf(request: FastifyRequest, id: string) {
    return passkeys.toUse(request, { id, passkeys: (await factors.of(id)).passkeys })
  }
}

export default confirm
