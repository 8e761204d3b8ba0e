import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import { nothing, refusals } from '../../src/api/answers.ts'
import { describeSession } from '../../src/api/descriptions.ts'
import { objectSchema } from '../../src/api/object-schema.ts'
import { Ended, handle, pageQuery, SessionsPage } from '../../src/api/schemas.ts'
import { NotFoundError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'
import { describeEnded } from '../../src/sessions/ended-count.ts'
import { cursorPattern } from '../../src/sessions/session-store.ts'

const common = { tags: ['sessions'], security: [{ session: [] }] } as const
const querystring = pageQuery({
  after: cursorPattern.source,
  limit: '^([1-9][0-9]?|100)$',
  limits: 'From 1 to 100, by default 25.'
})
const params = objectSchema({ session: handle })
const recently = { within: '10m', factors: 1 } as const

/** Lists the user's sessions and ends them. */
const sessionsApi: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { sessions } = app[services]
  const config = { pages: false } as const

  const list = {
    ...common,
    operationId: 'listSessions',
    summary: 'The user’s sessions, last used first',
    description: 'In pages, because there may be any number of them.',
    querystring,
    response: { 200: SessionsPage, ...refusals(400, 401) }
  }
  app.get('/api/sessions', { config, schema: list }, async (request) => {
    const { id } = await request.requireUser({ account: true, factors: 1 })
    const own = sessions.handleOf(request.session.sessionId)
    const { after, limit } = request.query
    const page = await sessions.listByUser(id, { after, limit: limit ? Number(limit) : undefined })
    return {
      sessions: page.sessions.map((session) => describeSession(session, own)),
      next: page.next ?? null
    }
  })

  const endOne = {
    ...common,
    operationId: 'endSession',
    summary: 'End one session',
    description: 'The password or a code must have been verified in the last ten minutes.',
    params,
    response: { 204: nothing, ...refusals(401, 404) }
  }
  app.delete('/api/sessions/:session', { config, schema: endOne }, async (request, reply) => {
    const { id } = await request.requireUser(recently)
    const { session } = request.params
    if (!(await sessions.revokeOne(id, session))) throw new NotFoundError()
    await request.audit('session-end', { session })
    return reply.code(204).send(null)
  })

  const endOthers = {
    ...common,
    operationId: 'endOtherSessions',
    summary: 'End all sessions except this one',
    description: 'The password or a code must have been verified in the last ten minutes.',
    response: { 200: Ended, ...refusals(401) }
  }
  app.delete('/api/sessions/others', { config, schema: endOthers }, async (request) => {
    const account = await request.requireUser(recently)
    const ended = await sessions.revokeAllOf(account, request.session.sessionId)
    await request.rememberDevice(account)
    await request.audit('sessions-end')
    return describeEnded(ended)
  })

  const endAll = {
    ...common,
    operationId: 'endAllSessions',
    summary: 'Sign out everywhere, including here',
    description: 'The password or a code must have been verified in the last ten minutes.',
    response: { 200: Ended, ...refusals(401) }
  }
  app.delete('/api/sessions', { config, schema: endAll }, async (request, reply) => {
    const account = await request.requireUser(recently)
    const ended = await sessions.revokeAllOf(account)
    await request.audit('sessions-end')
    await reply.signOut()
    return describeEnded(ended)
  })
}

export default sessionsApi
