import { SessionDataError } from '../../errors/errors.ts'
import { isSameCookie } from '../cookie/session-cookie.ts'
import { isReservedField, reservedOf, type SessionRecord } from '../session-record.ts'
import { recordIn } from '../session-text.ts'

interface SnapshotOptions {
  readonly text: string
  /** The parsed text, if known: never an object that the application may change. */
  readonly record?: Readonly<SessionRecord>
  /** The result of `contentOf` for the session object, if known. */
  readonly content?: string | undefined
}

/**
 * The state of a session when it was loaded or stored. It is attached to the session object under
 * `snapshotKey`, because @fastify/session and express-session pass only that object to the store. It is never
 * stored itself.
 */
export class Snapshot {
  readonly text: string
  #record: Readonly<SessionRecord> | undefined
  #content: string | undefined
  #reserved: string | undefined

  constructor({ text, record, content }: SnapshotOptions) {
    this.text = text
    this.#record = record
    this.#content = content
  }

  record(): Readonly<SessionRecord> {
    this.#record ??= recordIn(this.text)
    return this.#record
  }

  /** The application's data in the session object at that time. */
  content(): string {
    this.#content ??= contentOf(this.record())
    return this.#content
  }

  /** The reserved fields as JSON. */
  reserved(): string {
    this.#reserved ??= JSON.stringify(reservedOf(this.record()))
    return this.#reserved
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

/** Whether the session object was loaded from the store or saved to it. */
export function isPersisted(session: object): boolean {
  return snapshotKey in session
}

/** Whether it was, and its cookie has not changed since. */
export function hasStoredCookie(session: Carrier & Pick<SessionRecord, 'cookie'>): boolean {
  const last = session[snapshotKey]
  return last !== undefined && isSameCookie(last.record().cookie, session.cookie)
}

/** Not enumerable, so that a program that copies or removes all keys leaves it where it is. */
export function attachSnapshot<T extends object>(session: T, value: Snapshot): T {
  return Object.defineProperty(session, snapshotKey, { value, configurable: true, writable: true })
}

/**
 * The application's data in a session as JSON: all but the cookie and the reserved fields.
 * @throws {SessionDataError} if JSON cannot represent it
 */
export function contentOf(session: object): string {
  return toJson(contentFields(session))
}

const notContent = new Set(['cookie', snapshotKey, '__proto__'])

/**
 * The same as an object. Copied key by key, which takes half as long as a rest; a key `__proto__` is left
 * out.
 */
export function contentFields(session: object): Record<string, unknown> {
  const content: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(session)) {
    if (!notContent.has(name) && !isReservedField(name)) content[name] = value
  }
  return content
}

/** The session as plain data without reserved fields, as JSON has it; 64 KiB at most. */
export function toRecord(session: object): SessionRecord {
  const content = { cookie: Reflect.get(session, 'cookie'), ...contentFields(session) }
  return JSON.parse(withinLimit(toJson(content)))
}

/** @throws {SessionDataError} for a text of more than 64 KiB */
export function withinLimit(text: string): string {
  const size = Buffer.byteLength(text)
  if (size > maxBytes) throw new SessionDataError(`it has ${size} bytes, and the limit is ${maxBytes}`)
  return text
}

export function toJson(session: object): string {
  try {
    return JSON.stringify(session)
  } catch (cause) {
    throw new SessionDataError(`JSON cannot represent it (${cause instanceof Error ? cause.message : cause})`)
  }
}
