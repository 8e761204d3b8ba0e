import type { SessionRecord } from './session-record.ts'

/** A session as a request found it and as it left it, as plain data. */
export interface RecordChange {
  readonly before: Readonly<SessionRecord>
  readonly after: Readonly<SessionRecord>
  /** The same as JSON, if known. */
  readonly texts?: { readonly before: string; readonly after: string }
}

/**
 * Applies one request's change to a session that others have changed since: the top-level keys that it set or
 * deleted, and no others.
 */
export function mergeChange({ before, after }: RecordChange, theirs: SessionRecord): SessionRecord {
  const merged = { ...theirs }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[key]) === JSON.stringify(after[key])) continue
    if (Object.hasOwn(after, key)) merged[key] = after[key]
    else delete merged[key]
  }
  return merged
}

/** Whether the change affects how long the session lives. */
export function changesLifetime({ before, after }: RecordChange): boolean {
  return before.cookie?.originalMaxAge !== after.cookie?.originalMaxAge || before.remember !== after.remember
}
