import { SessionDataError } from '../../errors/errors.ts'
import { isSameCookie } from '../cookie/session-cookie.ts'
import type { SessionRecord } from '../session-record.ts'

interface SnapshotOptions {
  readonly text: string
  /** What the text says, where that is known: never what the application goes on changing. */
  readonly record?: Readonly<SessionRecord>
  /** As `contentOf` gave it of the session object, where that is known. */
  readonly content?: string
}

/**
 * What a session was when it was loaded or kept. It travels on the session object under `snapshotKey`, because
 * @fastify/session and express-session hand the store only that object, and it is never written down.
 */
export class Snapshot {
  readonly text: string
  #record: Readonly<SessionRecord> | undefined
  #content: string | undefined

  constructor({ text, record, content }: SnapshotOptions) {
    this.text = text
    this.#record = record
    this.#content = content
  }

  record(): Readonly<SessionRecord> {
    this.#record ??= JSON.parse(this.text) as SessionRecord
    return this.#record
  }

  /** What the session object held for the application then. */
  content(): string {
    this.#content ??= contentOf(this.record())
    return this.#content
  }

  toJSON(): undefined {
    return undefined
  }
}

const maxBytes = 64 * 1024
export const snapshotKey = 'latchkey:snapshot'

export interface Carrier {
  user?: unknown
  [snapshotKey]?: Snapshot
}

/** Whether a session object is one that the store had or has. */
export function isPersisted(session: object): boolean {
  return snapshotKey in session
}

/** Whether it is one, and its cookie says what it said when it was loaded or kept. */
export function hasStoredCookie(session: Carrier & Pick<SessionRecord, 'cookie'>): boolean {
  const last = session[snapshotKey]
  return last !== undefined && isSameCookie(last.record().cookie, session.cookie)
}

/** Not among the keys a program sees: one that copies them to another session must not copy this. */
export function attachSnapshot(session: object, value: Snapshot): void {
  Object.defineProperty(session, snapshotKey, { value, configurable: true, writable: true })
}

/** What a session holds for the application as JSON: all but its cookie. @throws {SessionDataError} for what is none */
export function contentOf(session: object): string {
  return toJson(contentFields(session))
}

/** The same as an object of its own. Key by key, which takes half as long as a rest; so no key may be `__proto__`. */
export function contentFields(session: object): Record<string, unknown> {
  const content: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(session)) {
    if (name !== 'cookie' && name !== snapshotKey && name !== '__proto__') content[name] = value
  }
  return content
}

/** The session as plain data: what JSON makes of it, of at most 64 KiB. */
export function toRecord(session: object): SessionRecord {
  return JSON.parse(withinLimit(toJson(session)))
}

/** @throws {SessionDataError} for a text of more than 64 KiB */
export function withinLimit(text: string): string {
  const size = Buffer.byteLength(text)
  if (size > maxBytes) throw new SessionDataError(`it has ${size} bytes and may have ${maxBytes}`)
  return text
}

export function toJson(session: object): string {
  try {
    return JSON.stringify(session)
  } catch (cause) {
    throw new SessionDataError(`JSON has no form for it (${cause instanceof Error ? cause.message : cause})`)
  }
}
