import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { services } from '../../src/open-services.ts'
import { sessionCookie, valuePrefix } from '../../src/sessions/cookie/session-cookie.ts'
import type { LoadedSession } from '../../src/sessions/sessions.ts'
import { attributesOf, isSafeOver } from './browser-cookie.ts'
import type { OpenedSession } from './opened-session.ts'

type Session = FastifyRequest['session']

/** The three ways to a Set-Cookie header: for a session object, for a session that was opened, for a token. */
export function cookieSenders(app: FastifyInstance) {
  const { sessionTokens } = app
  const { name, attributes } = sessionCookie(app[services].config)

  function sendCookie({ protocol, sentCookie }: FastifyRequest, reply: FastifyReply, session: Session): void {
    const { cookie, encryptedSessionId: signed } = session
    if (!isSafeOver(protocol, cookie)) return
    if (sentCookie && sentCookie.token.signed !== signed) sessionTokens.supersede(sentCookie.token)
    reply.sendCookie({ ...attributesOf(cookie), name, value: valuePrefix + signed })
  }

  function sendOpened(request: FastifyRequest, reply: FastifyReply, { id, session }: OpenedSession): void {
    if (!isSafeOver(request.protocol, attributes)) return
    const { sentCookie } = request
    if (sentCookie && sentCookie.token.id !== id) sessionTokens.supersede(sentCookie.token)
    sendToken(reply, id, session)
  }

  function sendToken(reply: FastifyReply, id: string, { record }: LoadedSession): void {
    const { originalMaxAge } = record.cookie
    const expiry = originalMaxAge ? { expires: new Date(Date.now() + originalMaxAge) } : {}
    reply.sendCookie({ ...attributes, ...expiry, name, value: valuePrefix + sessionTokens.sign(id) })
  }

  return { sendCookie, sendOpened, sendToken }
}
