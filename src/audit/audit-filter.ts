import type { AuditEntry, AuditEventName } from './audit-event.ts'

/** Which events are wanted: those that have all of it. */
export interface AuditFilter {
  /** The id of the account concerned. */
  readonly account?: string | undefined
  /** The name of whom it concerned, as it was then. */
  readonly name?: string | undefined
  readonly event?: AuditEventName | undefined
  /** The id of the account of the administrator who did it. */
  readonly by?: string | undefined
  readonly address?: string | undefined
  readonly from?: Date | undefined
  /** Events at that time are not among them. */
  readonly to?: Date | undefined
}

/** What a place in a list of events looks like: see FoundEntry. */
export const auditCursorPattern = /^\d{1,16}\.[\w-]{1,64}$/

/** Where a list of events goes on: the cursor of an event that was found. Neither: at the latest. */
export interface AuditPlace {
  /** With those before it. */
  readonly before?: string | undefined
  /** With those after it. */
  readonly after?: string | undefined
}

/** Events found by a filter; a list goes on after the cursor of one. */
export interface FoundEntry {
  readonly entry: AuditEntry
  readonly cursor: string
}

/** Whether the database finds nothing else by it: it looks for one condition, and for times. */
export function isOneCondition({ from: _from, to: _to, ...conditions }: AuditFilter): boolean {
  return Object.values(conditions).filter((wanted) => wanted !== undefined).length <= 1
}

/** Whether it has all of it but the time. */
export function matches(entry: AuditEntry, filter: AuditFilter): boolean {
  const { account, name, event, by, address } = filter
  return (
    (account === undefined || entry.account === account) &&
    (name === undefined || entry.name === name) &&
    (event === undefined || entry.event === event) &&
    (by === undefined || (entry.by?.kind === 'account' && entry.by.id === by)) &&
    (address === undefined || entry.address === address)
  )
}

/** An event as programs get it, in every place: all fields, null for what it lacks. */
export function auditRecord({ at, event, by, ...entry }: AuditEntry) {
  return {
    at,
    event,
    name: entry.name ?? null,
    actor: by?.kind ?? null,
    by: by?.kind === 'account' ? by.name : null,
    byAccount: (by?.kind === 'account' && by.id) || null,
    address: entry.address ?? null,
    session: entry.session ?? null,
    account: entry.account ?? null,
    formerName: entry.formerName ?? null,
    detail: entry.detail ?? null,
    reason: entry.reason ?? null
  }
}
