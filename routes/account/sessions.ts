import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyRequest } from 'fastify'
import { objectSchema } from '../../src/api/object-schema.ts'
import { services } from '../../src/open-services.ts'
import { maxCounted } from '../../src/sessions/ended-count.ts'
import { cursorPattern } from '../../src/sessions/session-store.ts'
import type { SessionSummary } from '../../src/sessions/session-summary.ts'
import { describe, type Listed, ownHandle } from './end-sessions.ts'

const cursor = { type: 'string', pattern: cursorPattern.source } as const
const querystring = objectSchema({}, { after: cursor, before: cursor })

/** The user's sessions, in pages. */
const sessionsRoutes: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { sessions } = app[services]

  app.get('/account/sessions', { schema: { querystring } }, async (request, reply) => {
    const { id } = await request.requireUser({ account: true, factors: 1 })
    const { after, before } = request.query
    const { next, previous, ...listed } = await sessions.listByUser(id, { after, before })
    const isAll = !next && !previous && listed.sessions.length > 0
    const shown = {
      sessions: ownFirst(request, listed.sessions).map(describe),
      next: next ?? null,
      previous: previous ?? null,
      total: isAll ? listed.sessions.length : await sessions.countOf(id, maxCounted + 1)
    }
    return request.acceptsHtml ? reply.page('account/sessions', { ...shown, maxCounted }) : shown
  })

  /** This session first, then the last used. */
  function ownFirst(request: FastifyRequest, listed: readonly SessionSummary[]): readonly Listed[] {
    const own = ownHandle(request, sessions)
    return listed
      .map((session) => ({ ...session, isThis: session.handle === own }))
      .sort((one, other) => Number(other.isThis) - Number(one.isThis))
  }
}

export default sessionsRoutes
