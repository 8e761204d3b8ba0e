import type { FastifyRequest, preValidationHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { OtherUserError } from '../src/errors/errors.ts'
import { ownerKeyOf } from '../src/identity/owner-key.ts'
import { isSafeRoute } from '../src/web/safe-methods.ts'

/** The hidden field of a form that says whom it was shown to: see views/parts/form-owner.eta. */
export const formOwnerField = 'latchkeyUser'

/**
 * A form acts on whom it was shown to. Somebody else may have signed in since, in another tab: then nothing is done.
 * A body of JSON may have the field too. Without it, and when nobody is signed in, the route decides.
 */
export default fp(
  async (app) => {
    app.addHook('onRoute', (route) => {
      if (isSafeRoute(route)) return
      route.preValidation = [refuseOtherUser, route.preValidation ?? []].flat()
    })
  },
  { name: 'latchkey-form-owner', dependencies: ['latchkey-session'] }
)

const refuseOtherUser: preValidationHookHandler = (request, _reply, done) => {
  done(isOfOtherUser(request) ? new OtherUserError() : undefined)
}

function isOfOtherUser(request: FastifyRequest): boolean {
  const { body } = request
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, formOwnerField)) return false
  const id = ownerKeyOf(request.sessionData)
  return id !== undefined && Reflect.get(body, formOwnerField) !== id
}
