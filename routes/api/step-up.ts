import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { refusals } from '../../src/api/answers.ts'
import { Code, OwnSession, Proof } from '../../src/api/schemas.ts'
import { SignInRequiredError } from '../../src/errors/errors.ts'
import { sessionDescription } from './session.ts'

const config = { pages: false } as const

/** More proofs: the second factor of a sign-in, and re-authentication. */
const stepUp: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const describe = sessionDescription(app)

  const complete = {
    tags: ['session'],
    security: [],
    operationId: 'completeSignIn',
    summary: 'Complete a sign-in with the second factor',
    description:
      'After `signIn` was refused with LATCHKEY_SECOND_FACTOR_REQUIRED, with the cookie of that response, which is valid for ten minutes.',
    body: Code,
    response: { 200: OwnSession, ...refusals(400, 401, 429) }
  }
  app.post('/api/session/code', { config, schema: complete }, async (request, reply) => {
    const pending = await request.pendingSignIn()
    if (!pending) throw new SignInRequiredError()
    const verified = await request.verifyCode(pending.account, request.body.code)
    if (!verified.ok) throw verified.error
    await reply.completeSignIn(pending, [verified.proof])
    return describe(request, verified.recoveryCode)
  })

  const prove = {
    tags: ['session'],
    security: [{ session: [] }],
    operationId: 'proveAgain',
    summary: 'Verify the password, a code or both again',
    description:
      'For requests that need a proof of the last ten minutes, or a second factor. The session gets a new cookie.',
    body: Proof,
    response: { 200: OwnSession, ...refusals(400, 401, 429) }
  }
  app.post('/api/session/proof', { config, schema: prove }, async (request, reply) => {
    const proved = await request.verifyOwnProofs(request.body)
    if (!proved.ok) throw proved.error
    await reply.renewSession(proved.account, { proofs: proved.proofs })
    return describe(request, proved.recoveryCode)
  })
}

export default stepUp
