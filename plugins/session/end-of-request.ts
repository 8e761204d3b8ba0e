import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { services } from '../../src/open-services.ts'
import { sessionCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { isOvertaken } from '../../src/sessions/object/regenerations.ts'
import { isPersisted } from '../../src/sessions/object/snapshot.ts'
import { browserHasCookie, isExtended, isNavigation } from './browser-cookie.ts'
import { cookieSenders } from './cookie-senders.ts'
import { clearedCookie } from './cookies.ts'
import { withdraw } from './failed-request.ts'
import type { sessionSaver } from './save-session.ts'
import { hasSession } from './sent-cookie.ts'
import { hasStaleCookies, staleCookies } from './stale-cookies.ts'

type Session = FastifyRequest['session']

/**
 * The end of a request: saves the session if it changed, then sets the cookie unless the browser has it.
 * Clears a cookie without a session; re-signs one with an old signature.
 */
export function endOfRequest(app: FastifyInstance, save: ReturnType<typeof sessionSaver>) {
  const { sessionTokens } = app
  const clearStale = staleCookies(app)
  const { name, attributes } = sessionCookie(app[services].config)
  const { sendCookie, sendOpened, sendToken } = cookieSenders(app)
  const cleared = clearedCookie(name, attributes)

  /** @returns undefined if it is done; a promise where the session has to be saved first */
  return function end(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
    const saving = save(request)
    if (saving) {
      return saving.then(
        () => sendCookies(request, reply),
        (error) => {
          withdraw(reply)
          throw error
        }
      )
    }
    return sendCookies(request, reply)
  }

  function sendCookies(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
    const { sessionObject: session, newDeviceCookie } = request
    if (!session) refreshCookie(request, reply)
    else if (hasSession(request)) setCookie(request, reply, session)
    // After a sign-in the device cookie is set after the session cookie.
    if (newDeviceCookie !== undefined) reply.setDeviceCookie(newDeviceCookie)
    return hasStaleCookies(request) ? clearStale(request, reply) : undefined
  }

  function setCookie(request: FastifyRequest, reply: FastifyReply, session: Session): void {
    if (!isPersisted(session)) clearSentCookie(request, reply)
    else if (!browserHasCookie(request, session)) sendCookie(request, reply, session)
  }

  function clearSentCookie(request: FastifyRequest, reply: FastifyReply): void {
    const { sentCookie } = request
    if (sentCookie && (isDestroyed(request) || (isNavigation(request) && !isSuperseded(request))))
      reply.sendCookie(cleared)
  }

  /** Then the browser has another cookie, or is about to get it: this answer, perhaps the later one, sets none. */
  function isSuperseded({ sentCookie, sessionObject }: FastifyRequest): boolean {
    if (isOvertaken(sessionObject)) return true
    if (!sentCookie || sentCookie.isSuperseded) return sentCookie !== null
    return [sentCookie.token, ...sentCookie.token.others].some((token) => sessionTokens.isSuperseded(token))
  }

  /** For requests that did not use the session object, destroyed it, or could not save it. */
  function refreshCookie(request: FastifyRequest, reply: FastifyReply): void {
    const { sentCookie, unsavedSession, openedSession } = request
    if (openedSession && !unsavedSession) {
      if (hasSession(request)) sendOpened(request, reply, openedSession)
      return
    }
    if (unsavedSession && isNewToBrowser(request, unsavedSession)) {
      sendCookie(request, reply, unsavedSession)
      return
    }
    if (!sentCookie) return
    const { token, session } = sentCookie
    if (!session) clearSentCookie(request, reply)
    else if ((token.renew || isExtended(session)) && hasSession(request)) sendToken(reply, token.id, session)
  }
}

/** A session that was stored, for example by a sign-in, before it could not be saved again. */
function isNewToBrowser({ sentCookie }: FastifyRequest, session: Session): boolean {
  return isPersisted(session) && sentCookie?.token.id !== session.sessionId
}

function isDestroyed({ sessionObject, unsavedSession }: FastifyRequest): boolean {
  return sessionObject === null && unsavedSession === undefined
}
