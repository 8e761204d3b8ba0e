import type { FastifyPluginAsyncJsonSchemaToTs } from '@fastify/type-provider-json-schema-to-ts'
import type { FastifyRequest } from 'fastify'
import { clearSiteData } from '../../plugins/pages/headers.ts'
import { objectSchema, string } from '../../src/api/object-schema.ts'
import { message } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'
import { describeEnded, maxCounted } from '../../src/sessions/ended-count.ts'
import type { SessionSummary } from '../../src/sessions/session-summary.ts'
import type { Sessions } from '../../src/sessions/sessions.ts'
import { signedOutPage } from '../login.ts'

const params = objectSchema({ handle: string })
const alsoTokens = { ...objectSchema({}, { tokens: string }), type: ['object', 'null'] } as const
/** Ending sessions requires one factor (ASVS 7.5.2): whoever has lost the phone must be able to sign it out. */
const recently = { within: '10m', factors: 1 } as const

/** Ends one of the user's sessions, all others, or all. */
const endSessions: FastifyPluginAsyncJsonSchemaToTs = async (app) => {
  const { sessions, paths, tokens } = app[services]
  const count = (owner: string) => sessions.countOf(owner, maxCounted + 1)

  app.get('/account/sessions/:handle', { schema: { params } }, async (request, reply) => {
    const { id } = await request.requireUser(recently)
    const found = await sessions.findOne(id, request.params.handle)
    if (!found) return reply.callNotFound()
    const session = describe({ ...found, isThis: found.handle === ownHandle(request, sessions) })
    if (!request.acceptsHtml) return session
    return session.isThis
      ? reply.redirect(paths.ofPage('/logout'), 303)
      : reply.page('account/end-session', { session })
  })

  app.post('/account/sessions/:handle', { schema: { params } }, async (request, reply) => {
    const { id } = await request.requireUser(recently)
    const { handle } = request.params
    const isEnded = await sessions.revokeOne(id, handle)
    if (isEnded) await request.audit('session-end', { session: handle })
    if (!request.acceptsHtml) return { ended: Number(isEnded) }
    reply.flash(message(isEnded ? 'account.endSession.done' : 'account.endSession.wasOver'))
    return reply.redirect(paths.ofPage('/account/sessions'), 303)
  })

  app.get('/account/sessions/others', async (request, reply) => {
    const { id } = await request.requireUser(recently)
    const others = Math.max(0, (await count(id)) - 1)
    return request.acceptsHtml ? reply.page('account/end-others', { others, maxCounted }) : { others }
  })

  app.post('/account/sessions/others', async (request, reply) => {
    const account = await request.requireUser(recently)
    const count = await sessions.revokeAllOf(account, request.session.sessionId)
    const { sessionsEnded: ended, more } = describeEnded(count)
    await request.rememberDevice(account)
    await request.audit('sessions-end')
    if (!request.acceptsHtml) return { ended, ...(more && { more }) }
    reply.flash(message(more ? 'account.endOthers.doneMany' : 'account.endOthers.done', { count: ended }))
    return reply.redirect(paths.ofPage('/account/sessions'), 303)
  })

  app.get('/account/sessions/all', async (request, reply) => {
    const { id } = await request.requireUser(recently)
    const ofPrograms = await tokens.count(id)
    if (request.acceptsHtml) return reply.page('account/end-all', { tokens: ofPrograms })
    return { sessions: await count(id), tokens: ofPrograms }
  })

  app.post('/account/sessions/all', { schema: { body: alsoTokens } }, async (request, reply) => {
    const account = await request.requireUser(recently)
    const isOfTokens = /^(on|true)$/.test(request.body?.tokens ?? '')
    const tokensEnded = isOfTokens ? await tokens.endAll(account.id, request.circumstances()) : 0
    if (tokensEnded > 0) await request.audit('tokens-end')
    const { sessionsEnded: ended, more } = describeEnded(await sessions.revokeAllOf(account))
    await request.audit('sessions-end')
    await reply.signOut()
    clearSiteData(reply)
    return request.acceptsHtml
      ? reply.redirect(paths.ofPage(signedOutPage), 303)
      : { ended, ...(more && { more }), ...(isOfTokens && { tokensEnded }) }
  })
}

export type Listed = SessionSummary & { readonly isThis: boolean }

export function describe({ device, ...session }: Listed) {
  return { ...session, ...device }
}

/** The handle of this request's session. */
export function ownHandle({ sentCookie }: FastifyRequest, sessions: Sessions): string | undefined {
  return sentCookie ? sessions.handleOf(sentCookie.token.id) : undefined
}

export default endSessions
