import type { FastifyInstance } from 'fastify'
import { frozen } from '../../src/primitives/frozen.ts'
import { isOvertaken } from '../../src/sessions/object/regenerations.ts'
import { withTrustedFields } from '../../src/sessions/object/trusted-fields.ts'
import { ParsedSession } from '../../src/sessions/parsed-session.ts'
import { type SessionRecord, type SignedInUser, userOf } from '../../src/sessions/session-record.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The session's data, read-only. Cheaper than `session`, which makes a session object. */
    readonly sessionData: Readonly<Partial<SessionRecord>>
    /** Whose session it is; undefined: nobody is signed in. */
    readonly sessionUser: SignedInUser | undefined
  }
}

/** What is read of a session without a session object. */
export function decorateSessionData(app: FastifyInstance): void {
  app.decorateRequest('sessionData', {
    getter() {
      const { sessionObject } = this
      // It ended while it was regenerated: whatever it says, it is stored for nobody.
      if (isOvertaken(sessionObject)) return {}
      if (sessionObject) return withTrustedFields(sessionObject)
      if (sessionObject === null) return {}
      const record = (this.openedSession ?? this.sentCookie)?.session?.record
      // Other requests of the session are given the same object.
      if (record && !Object.isFrozen(record)) frozen(record)
      return record ?? {}
    }
  })

  app.decorateRequest('sessionUser', {
    getter() {
      const { sessionObject, openedSession, sentCookie } = this
      const session = sessionObject === undefined ? (openedSession ?? sentCookie)?.session : undefined
      return session instanceof ParsedSession ? session.user : userOf(this.sessionData)
    }
  })
}
