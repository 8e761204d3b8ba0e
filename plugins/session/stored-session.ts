import type { FastifyRequest } from 'fastify'
import { type Carrier, snapshotKey } from '../../src/sessions/object/snapshot.ts'
import type { SessionAddress } from '../../src/sessions/session-keys.ts'
import type { SessionRecord } from '../../src/sessions/session-record.ts'

/** A session as this request found it in the store, or left it there. */
export interface StoredSession {
  readonly key: string
  readonly record: Readonly<SessionRecord>
}

/** @returns undefined if the request has no session, or a new one that is not stored */
export function storedSession(
  { sessionObject: session, openedSession: opened, sentCookie }: FastifyRequest,
  addressOf: (id: string) => SessionAddress
): StoredSession | undefined {
  if (session === undefined && opened) return { key: addressOf(opened.id).key, record: opened.session.record }
  if (session === undefined) {
    if (!sentCookie?.session) return undefined
    return { key: sentCookie.token.key, record: sentCookie.session.record }
  }
  const { [snapshotKey]: snapshot }: Carrier = session ?? {}
  if (!session || !snapshot) return undefined
  return { key: addressOf(session.sessionId).key, record: snapshot.record() }
}
