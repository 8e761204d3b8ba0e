import { SessionDataError } from '../errors.ts'
import type { SessionRecord } from './session-record.ts'

/**
 * What a session was when it was loaded or kept. It travels on the session object under `snapshotKey`, because
 * @fastify/session and express-session hand the store only that object, and it is never written down.
 */
export class Snapshot {
  readonly text: string
  #record: Readonly<SessionRecord> | undefined

  /** @param record what the text says, where that is known: never what the application goes on changing */
  constructor(text: string, record?: Readonly<SessionRecord>) {
    this.text = text
    this.#record = record
  }

  record(): Readonly<SessionRecord> {
    this.#record ??= JSON.parse(this.text) as SessionRecord
    return this.#record
  }

  toJSON(): undefined {
    return undefined
  }
}

const largestBytes = 64 * 1024
export const snapshotKey = 'latchkey:snapshot'

export interface Carrier {
  user?: unknown
  [snapshotKey]?: Snapshot
}

/** Whether a session object is one that the store had or has. */
export function isKept(session: object): boolean {
  return snapshotKey in session
}

/** Not among the keys a program sees: one that copies them to another session must not copy this. */
export function keepSnapshot(session: object, value: Snapshot): void {
  Object.defineProperty(session, snapshotKey, { value, configurable: true, writable: true })
}

/** The session as plain data: what JSON makes of it, of at most 64 KiB. */
export function toRecord(session: object): SessionRecord {
  const text = toJson(session)
  const size = Buffer.byteLength(text)
  if (size > largestBytes) throw new SessionDataError(`it has ${size} bytes and may have ${largestBytes}`)
  return JSON.parse(text)
}

function toJson(session: object): string {
  try {
    return JSON.stringify(session)
  } catch (cause) {
    throw new SessionDataError(`JSON has no form for it (${cause instanceof Error ? cause.message : cause})`)
  }
}
