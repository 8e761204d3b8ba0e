import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sessionCookie, valuePrefix } from '../../src/sessions/cookie/session-cookie.ts'
import type { CallbackStore } from '../../src/sessions/object/callback-store.ts'
import {
  type Carrier,
  contentOf,
  hasStoredCookie,
  isPersisted,
  snapshotKey
} from '../../src/sessions/object/snapshot.ts'
import { attributesOf, browserHasCookie, isExtended, isSafeOver } from './browser-cookie.ts'
import { clearedCookie } from './cookies.ts'
import { hasSession } from './sent-cookie.ts'

type Session = FastifyRequest['session']
type Done = (error?: Error) => void

/**
 * The end of a request: saves the session if it changed, then sets the cookie unless the browser has it.
 * Clears a cookie without a session; re-signs one with an old signature.
 */
export function endOfRequest(app: FastifyInstance, store: CallbackStore) {
  const { sessionSigner } = app
  const { name, attributes } = sessionCookie(app.latchkey.config)

  return function end(request: FastifyRequest, reply: FastifyReply, done: Done): void {
    const { sessionObject: session } = request
    if (!session) refreshCookie(request, reply)
    if (!session || !hasSession(request)) leave(request, reply, done)
    else if (isPersisted(session) || mayBegin(request, session)) save(request, reply, session, done)
    else {
      clearSentCookie(request, reply)
      leave(request, reply, done)
    }
  }

  function save(request: FastifyRequest, reply: FastifyReply, session: Session, done: Done): void {
    const { [snapshotKey]: before }: Carrier = session
    const isSameCookie = hasStoredCookie(session)
    store.set(session.sessionId, session, (error) => {
      if (error) return done(error)
      const { [snapshotKey]: after }: Carrier = session
      if (!after) clearSentCookie(request, reply)
      else if (!browserHasCookie(request, session, { isChanged: after !== before, isSameCookie }))
        sendCookie(request, reply, session)
      leave(request, reply, done)
    })
  }

  function sendCookie({ protocol }: FastifyRequest, reply: FastifyReply, session: Session): void {
    const { cookie, encryptedSessionId } = session
    if (isSafeOver(protocol, cookie))
      reply.sendCookie({ ...attributesOf(cookie), name, value: valuePrefix + encryptedSessionId })
  }

  function clearSentCookie({ sentCookie }: FastifyRequest, reply: FastifyReply): void {
    if (sentCookie) reply.sendCookie(clearedCookie(name, attributes))
  }

  /** For requests that did not use the session object, or destroyed it. */
  function refreshCookie(request: FastifyRequest, reply: FastifyReply): void {
    const { sentCookie } = request
    if (!sentCookie) return
    const { token, session } = sentCookie
    if (!session) clearSentCookie(request, reply)
    else if ((token.renew || isExtended(session)) && hasSession(request)) {
      const { originalMaxAge } = session.record.cookie
      const expiry = originalMaxAge ? { expires: new Date(Date.now() + originalMaxAge) } : {}
      reply.sendCookie({ ...attributes, ...expiry, name, value: valuePrefix + sessionSigner.sign(token.id) })
    }
  }
}

/** After a sign-in the device cookie is set after the session cookie. */
function leave({ newDeviceOwner }: FastifyRequest, reply: FastifyReply, done: Done): void {
  if (newDeviceOwner !== undefined) reply.setDeviceCookie(newDeviceOwner)
  done()
}

/** A visitor with an empty session gets none, nor does one whose browser would drop the cookie. */
function mayBegin({ protocol }: FastifyRequest, session: Session): boolean {
  return isSafeOver(protocol, session.cookie) && hasContent(session)
}

/** Data that JSON cannot represent counts: saving it is an error. */
function hasContent(session: Session): boolean {
  const hasOnlyCookie = Object.keys(session).length === 1
  if (hasOnlyCookie) return false
  try {
    return contentOf(session) !== '{}'
  } catch {
    return true
  }
}
