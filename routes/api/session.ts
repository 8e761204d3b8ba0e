import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { nothing, refusals } from '../../src/api/answers.ts'
import { describeSession } from '../../src/api/descriptions.ts'
import { Credentials, OwnSession } from '../../src/api/schemas.ts'
import { SignInRequiredError } from '../../src/errors/errors.ts'
import { kindsOf } from '../../src/identity/account-proofs.ts'
import { services } from '../../src/open-services.ts'
import { userOf } from '../../src/sessions/session-record.ts'

const common = { tags: ['session'], security: [{ session: [] }] } as const

/** The session of the request: shows it, starts it (sign-in), ends it (sign-out). */
const session: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const describe = sessionDescription(app)
  const config = { pages: false } as const

  const show = {
    ...common,
    operationId: 'showSession',
    summary: 'Who is signed in',
    response: { 200: OwnSession, ...refusals(401) }
  }
  app.get('/api/session', { config, schema: show }, async (request) => {
    await request.requireUser()
    return describe(request)
  })

  const signIn = {
    ...common,
    security: [],
    operationId: 'signIn',
    summary: 'Sign in',
    description:
      'The response sets the cookie. The previous session, if any, is ended. An account with a second factor needs a `code`: in this request, or with `completeSignIn` in the next one.',
    body: Credentials,
    response: { 200: OwnSession, ...refusals(400, 401, 429) }
  }
  app.post('/api/session', { config, schema: signIn }, async (request, reply) => {
    const { remember = false, ...credentials } = request.body
    const attempt = await request.verifyCredentials(credentials)
    if (!attempt.ok) throw attempt.error
    await reply.signIn(attempt.account, { remember, proofs: attempt.proofs })
    return describe(request, attempt.recoveryCode)
  })

  const signOut = {
    ...common,
    operationId: 'signOut',
    summary: 'Sign out',
    description: 'Ends the session in the store and clears the cookie. It works without being signed in.',
    response: { 204: nothing, ...refusals() }
  }
  app.delete('/api/session', { config, schema: signOut }, async (_request, reply) => {
    await reply.signOut()
    return reply.code(204).send(null)
  })
}

/** @returns a function that describes the session of a request. Its second argument: what replaces a recovery code */
export function sessionDescription(app: FastifyInstance) {
  const { sessions } = app[services]

  return async function describe({ session }: FastifyRequest, recoveryCode?: string) {
    const signedIn = userOf(session)
    const summary = await sessions.summaryOf(session.sessionId)
    if (!summary || !signedIn) throw new SignInRequiredError()
    const { isThis, address, browser, system, userAgent, ...described } = describeSession(
      summary,
      summary.handle
    )
    const proofAgeSeconds = Math.floor(sessions.proofs.ageOf(session) / 1000)
    const proofs = [...kindsOf(sessions.proofs.fresh(session))]
    const { id, name: user, role } = signedIn
    return { id, user, role, ...described, proofAgeSeconds, proofs, ...(recoveryCode && { recoveryCode }) }
  }
}

export default session
