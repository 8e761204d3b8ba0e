import { isReservedField, nameOf, type SessionRecord } from './session-record.ts'

/** A session as a request found it and as it left it, as plain data. */
export interface RecordChange {
  readonly before: Readonly<SessionRecord>
  readonly after: Readonly<SessionRecord>
  /** When the request began, by `performance.now()`. */
  readonly arrivedAt?: number | undefined
  /** The same as JSON, if known. */
  readonly texts?: { readonly before: string; readonly after: string }
}

/**
 * Applies one request's change to a session that others have changed since: the top-level keys that it set or
 * deleted, and no others; of the reserved fields none.
 */
export function mergeChange({ before, after }: RecordChange, theirs: SessionRecord): SessionRecord {
  const merged = { ...theirs }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (isReservedField(key) || JSON.stringify(before[key]) === JSON.stringify(after[key])) continue
    if (Object.hasOwn(after, key)) merged[key] = after[key]
    else delete merged[key]
  }
  return merged
}

/** Whether the session passes to another user, or from or to nobody. */
export function isHandover({ before, after }: RecordChange): boolean {
  return nameOf(before) !== nameOf(after)
}

/**
 * The session with another owner: it starts now, with neither role nor proof, and is of the next generation, so that
 * requests of the former owner change nothing of it. Its id stays.
 */
export function handedOver(session: SessionRecord, now: number): SessionRecord {
  const content = Object.entries(session).filter(([key]) => key !== 'cookie' && !isReservedField(key))
  return {
    cookie: session.cookie,
    ...(session.secret !== undefined && { secret: session.secret }),
    startedAt: now,
    gen: genOf(session) + 1,
    ...Object.fromEntries(content)
  }
}

export function genOf({ gen = 0 }: { readonly gen?: number }): number {
  return gen
}

/** Whether the change affects how long the session lives. */
export function changesLifetime({ before, after }: RecordChange): boolean {
  return before.cookie?.originalMaxAge !== after.cookie?.originalMaxAge || before.remember !== after.remember
}
