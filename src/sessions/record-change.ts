import type { SessionRecord } from './session-record.ts'

/** A session as a request found it and as it left it. Both are plain data. */
export interface RecordChange {
  readonly before: Readonly<SessionRecord>
  readonly after: Readonly<SessionRecord>
  /** The same as JSON, where whoever made the change has it. */
  readonly texts?: { readonly before: string; readonly after: string }
}

/**
 * Makes one request's change in a session that others have changed since: the top-level keys it set or
 * deleted, each whole, and no other.
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

/** Whether a change is also one of how long the session lives. */
export function changesLifetime({ before, after }: RecordChange): boolean {
  return before.cookie?.originalMaxAge !== after.cookie?.originalMaxAge || before.remember !== after.remember
}
