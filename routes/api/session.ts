import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyRequest } from 'fastify'
import { nothing, refusals } from '../../src/api/answers.ts'
import { describeSession } from '../../src/api/descriptions.ts'
import { Credentials, OwnSession, Proof } from '../../src/api/schemas.ts'
import { SignInRequiredError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'
import { userOf } from '../../src/sessions/session-record.ts'

const common = { tags: ['session'], security: [{ session: [] }] } as const

/** The session of the request: shows it, starts it (sign-in), ends it (sign-out), renews it (re-authentication). */
const session: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { sessions } = app[services]
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
    description: 'The response sets the cookie. The previous session, if any, is ended.',
    body: Credentials,
    response: { 200: OwnSession, ...refusals(400, 401, 429) }
  }
  app.post('/api/session', { config, schema: signIn }, async (request, reply) => {
    const { username, password, remember = false } = request.body
    const attempt = await request.verifyPassword({ username, password })
    if (!attempt.ok) throw attempt.error
    await reply.signIn(attempt.account, { remember })
    return describe(request)
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

  const prove = {
    ...common,
    operationId: 'provePassword',
    summary: 'Verify the password again',
    description:
      'For requests that need a password verified in the last ten minutes. The session gets a new cookie.',
    body: Proof,
    response: { 200: OwnSession, ...refusals(400, 401, 429) }
  }
  app.post('/api/session/proof', { config, schema: prove }, async (request, reply) => {
    const attempt = await request.verifyOwnPassword(request.body.password)
    if (!attempt.ok) throw attempt.error
    await reply.renewSession(attempt.account)
    return describe(request)
  })

  async function describe({ session }: FastifyRequest) {
    const signedIn = userOf(session)
    const summary = await sessions.summaryOf(session.sessionId)
    if (!summary || !signedIn) throw new SignInRequiredError()
    const { isThis, address, browser, system, userAgent, ...described } = describeSession(
      summary,
      summary.handle
    )
    const proofAgeSeconds = Math.floor(sessions.proofs.ageOf(session) / 1000)
    const { id, name: user, role } = signedIn
    return { id, user, role, ...described, proofAgeSeconds }
  }
}

export default session
