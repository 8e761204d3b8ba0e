import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { clearSiteData } from '../../plugins/pages/headers.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'
import type { SessionSummary } from '../../src/sessions/session-summary.ts'

const params = Type.Object({ handle: Type.String() })
/** Ending sessions requires re-authentication (ASVS 7.5.2). */
const recently = { within: '10m' } as const
/** A user may have any number of sessions, and each is parsed and described. */
const maxShown = 100

/** The user's sessions, and ending one, all others, or all. */
const sessionsRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { sessions } = app[services]

  app.get('/account/sessions', async (request, reply) => {
    await request.requireUser()
    const listed = await list(request)
    const shown = { sessions: listed.slice(0, maxShown).map(describe), more: countMore(listed) }
    return request.acceptsHtml ? reply.page('account/sessions', shown) : shown
  })

  app.get('/account/sessions/:handle', { schema: { params } }, async (request, reply) => {
    await request.requireUser(recently)
    const listed = (await list(request)).find(({ handle }) => handle === request.params.handle)
    if (!listed) return reply.callNotFound()
    const session = describe(listed)
    if (!request.acceptsHtml) return session
    return session.isThis ? reply.redirect('/logout', 303) : reply.page('account/end-session', { session })
  })

  app.post('/account/sessions/:handle', { schema: { params } }, async (request, reply) => {
    const { name } = await request.requireUser(recently)
    const { handle } = request.params
    const isEnded = await sessions.revokeOne(name, handle)
    if (isEnded) await request.audit('session-end', { name, session: handle })
    if (!request.acceptsHtml) return { ended: Number(isEnded) }
    reply.flash(message(isEnded ? 'account.endSession.done' : 'account.endSession.wasOver'))
    return reply.redirect('/account/sessions', 303)
  })

  app.get('/account/sessions/others', async (request, reply) => {
    await request.requireUser(recently)
    const others = (await list(request)).filter(({ isThis }) => !isThis).length
    return request.acceptsHtml ? reply.page('account/end-others', { others }) : { others }
  })

  app.post('/account/sessions/others', async (request, reply) => {
    const account = await request.requireUser(recently)
    const ended = await sessions.revokeOthers(account.name, request.session.sessionId)
    await request.rememberDevice(account)
    await request.audit('sessions-end')
    if (!request.acceptsHtml) return { ended }
    reply.flash(message('account.endOthers.done', { count: ended }))
    return reply.redirect('/account/sessions', 303)
  })

  app.get('/account/sessions/all', async (request, reply) => {
    await request.requireUser(recently)
    return request.acceptsHtml ? reply.page('account/end-all') : { sessions: (await list(request)).length }
  })

  app.post('/account/sessions/all', async (request, reply) => {
    const { name } = await request.requireUser(recently)
    const ended = await sessions.revokeAllOf(name)
    await request.audit('sessions-end')
    await reply.signOut()
    clearSiteData(reply)
    return request.acceptsHtml ? reply.redirect('/login', 303) : { ended }
  })

  /** This session first, then the last used. */
  async function list({ sessionData, sentCookie }: FastifyRequest) {
    const own = sentCookie && sessions.handleOf(sentCookie.token.id)
    const listed = await sessions.listByUser(sessionData.user ?? '')
    return listed
      .map((session) => ({ ...session, isThis: session.handle === own }))
      .sort((one, other) => Number(other.isThis) - Number(one.isThis))
  }
}

type Listed = SessionSummary & { readonly isThis: boolean }

function describe({ device, ...session }: Listed) {
  return { ...session, ...device }
}

function countMore(listed: readonly Listed[]): number {
  return Math.max(0, listed.length - maxShown)
}

export default sessionsRoutes
