import type { FastifyRequest } from 'fastify'
import { SessionDataError } from '../../src/errors/errors.ts'
import type { CallbackStore } from '../../src/sessions/object/callback-store.ts'
import {
  type Carrier,
  contentOf,
  hasStoredCookie,
  isPersisted,
  snapshotKey
} from '../../src/sessions/object/snapshot.ts'
import { isOwned } from '../../src/sessions/session-record.ts'
import { isSafeOver, type Saved } from './browser-cookie.ts'
import { hasSession } from './sent-cookie.ts'

type Session = FastifyRequest['session']

declare module 'fastify' {
  interface FastifyRequest {
    /** What this request saved of its session, if it did. */
    savedSession?: Saved | undefined
    /** The session object, after saving it has failed. */
    unsavedSession?: FastifyRequest['session'] | undefined
  }
}

/** @returns a function that saves the session of a request, and returns undefined if there is nothing to save */
export function sessionSaver(store: CallbackStore) {
  return function save(request: FastifyRequest): Promise<void> | undefined {
    const { sessionObject: session } = request
    if (!session || !hasSession(request)) return undefined
    return isPersisted(session) || mayBegin(request, session) ? saveNow(request, session) : undefined
  }

  async function saveNow(request: FastifyRequest, session: Session): Promise<void> {
    try {
      if (!session.cookie) throw new SessionDataError('its cookie is missing')
      const { [snapshotKey]: before }: Carrier = session
      const isSameCookie = hasStoredCookie(session)
      await store.save(session.sessionId, session)
      const { [snapshotKey]: after }: Carrier = session
      request.savedSession = both(request.savedSession, { isChanged: after !== before, isSameCookie })
    } catch (error) {
      giveUpSession(request)
      throw error
    }
  }
}

/** From now on nothing is saved, and `request.session` is null. */
export function giveUpSession(request: FastifyRequest): void {
  request.unsavedSession ??= request.sessionObject ?? undefined
  request.sessionObject = null
}

/** A response that fails after its session was saved passes the end of the request again. */
function both(first: Saved | undefined, second: Saved): Saved {
  if (!first) return second
  return {
    isChanged: first.isChanged || second.isChanged,
    isSameCookie: first.isSameCookie && second.isSameCookie
  }
}

/**
 * A visitor with an empty session gets none, nor does one whose browser would drop the cookie, or whose own
 * session could not be read. One whose session has another id by now gets none unless somebody signs in: its cookie
 * would replace that of the session.
 */
function mayBegin({ protocol, sessionFault, sentCookie }: FastifyRequest, session: Session): boolean {
  if (sentCookie?.isSuperseded && !isOwned(session)) return false
  return !sessionFault && hasContent(session) && (!session.cookie || isSafeOver(protocol, session.cookie))
}

/** Data that JSON cannot represent counts: saving it is an error. */
function hasContent(session: Session): boolean {
  const hasOnlyCookie = Object.keys(session).length === 1
  if (hasOnlyCookie && session.cookie) return false
  try {
    return contentOf(session) !== '{}'
  } catch {
    return true
  }
}
