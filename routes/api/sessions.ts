import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { nothing, refusals } from '../../src/api/answers.ts'
import { describeSession } from '../../src/api/descriptions.ts'
import { Ended, handle, ListedSession } from '../../src/api/schemas.ts'
import { NotFoundError } from '../../src/errors/errors.ts'
import { services } from '../../src/open-services.ts'

const common = { tags: ['sessions'], security: [{ session: [] }] } as const
const recently = { within: '10m' } as const
/** The list has a limit, because a user may have any number of sessions. */
const maxListed = 1000

/** Lists the user's sessions and ends them. */
const sessionsApi: FastifyPluginAsyncTypebox = async (app) => {
  const { sessions } = app[services]
  const config = { pages: false } as const

  const list = {
    ...common,
    operationId: 'listSessions',
    summary: 'The user’s sessions, last used first',
    description: `At most ${maxListed}, the last used.`,
    response: {
      200: Type.Object({ sessions: Type.Array(ListedSession) }, { description: 'The sessions.' }),
      ...refusals(401)
    }
  }
  app.get('/api/sessions', { config, schema: list }, async (request) => {
    const { name } = await request.requireUser()
    const own = sessions.handleOf(request.session.sessionId)
    const listed = (await sessions.listByUser(name)).slice(0, maxListed)
    return { sessions: listed.map((session) => describeSession(session, own)) }
  })

  const endOne = {
    ...common,
    operationId: 'endSession',
    summary: 'End one session',
    description: 'The password must have been verified in the last ten minutes.',
    params: Type.Object({ session: handle }),
    response: { 204: nothing, ...refusals(401, 404) }
  }
  app.delete('/api/sessions/:session', { config, schema: endOne }, async (request, reply) => {
    const { name } = await request.requireUser(recently)
    const { session } = request.params
    if (!(await sessions.revokeOne(name, session))) throw new NotFoundError()
    await request.audit('session-end', { name, session })
    return reply.code(204).send(null)
  })

  const endOthers = {
    ...common,
    operationId: 'endOtherSessions',
    summary: 'End all sessions except this one',
    description: 'The password must have been verified in the last ten minutes.',
    response: { 200: Ended, ...refusals(401) }
  }
  app.delete('/api/sessions/others', { config, schema: endOthers }, async (request) => {
    const account = await request.requireUser(recently)
    const sessionsEnded = await sessions.revokeOthers(account.name, request.session.sessionId)
    await request.rememberDevice(account)
    await request.audit('sessions-end')
    return { sessionsEnded }
  })

  const endAll = {
    ...common,
    operationId: 'endAllSessions',
    summary: 'Sign out everywhere, including here',
    description: 'The password must have been verified in the last ten minutes.',
    response: { 200: Ended, ...refusals(401) }
  }
  app.delete('/api/sessions', { config, schema: endAll }, async (request, reply) => {
    const { name } = await request.requireUser(recently)
    const sessionsEnded = await sessions.revokeAllOf(name)
    await request.audit('sessions-end')
    await reply.signOut()
    return { sessionsEnded }
  })
}

export default sessionsApi
