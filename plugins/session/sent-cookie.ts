import type { FastifyReply, FastifyRequest } from 'fastify'
import { type sessionCookie, valuePrefix } from '../../src/sessions/cookie/session-cookie.ts'
import { isKept, keepsCookie } from '../../src/sessions/object/snapshot.ts'

/** What of @fastify/session's dealings with the cookie is not left to it. */
export function sentCookie({ name, attributes }: ReturnType<typeof sessionCookie>) {
  /**
   * Whether the browser has the very cookie that @fastify/session sends with every change, and keeps it until it is
   * closed: then there is nothing to tell it.
   */
  function isAtHand({ cookies, sessionObject: session, protocol }: FastifyRequest): boolean {
    if (!session || session.isSaved() || session.cookie.expires) return false
    if (session.cookie.secure && protocol !== 'https') return false
    return cookies?.[name] === valuePrefix + session.encryptedSessionId && keepsCookie(session)
  }

  /**
   * Two things @fastify/session does to a cookie that is not the one it would send: it clears one signed
   * with an older secret, and it clears without Secure, which browsers refuse for a `__Host-` name.
   */
  function mend({ cookies, sessionObject: session }: FastifyRequest, reply: FastifyReply): void {
    const sent = cookies?.[name]
    if (!session?.encryptedSessionId || sent === undefined || session.isSaved()) return
    const current = valuePrefix + session.encryptedSessionId
    if (sent === current) return
    if (isKept(session)) reply.setCookie(name, current, { ...attributes, ...expiryOf(session.cookie) })
    else reply.clearCookie(name, attributes)
  }

  return { isAtHand, mend }
}

function expiryOf({ expires }: { expires?: Date | null }) {
  return expires ? { expires } : {}
}
