import { isSameCookie } from '../cookie/session-cookie.ts'
import { ownerOf, type SessionRecord } from '../session-record.ts'
import type { LoadedSession } from '../sessions.ts'
import { contentFields, contentOf, Snapshot, toJson, withinLimit } from './snapshot.ts'

type Cookie = SessionRecord['cookie']

export interface SerializeOptions {
  readonly session: object
  /** What was kept of it before. */
  readonly last: Snapshot
  /** What is written down of a cookie. */
  readonly storedCookie: (cookie: Cookie) => Cookie
}

/**
 * What is to be kept of a session object. Put together once: a session is written as often as it is read, or not
 * at all, so this is most of what writing costs in this process.
 * @returns the last one where nothing changed
 * @throws {SessionDataError} where JSON has no form for it, or too large a one
 */
export function serialize({ session, last, storedCookie }: SerializeOptions): Snapshot {
  const before = last.record()
  const { cookie } = session as { readonly cookie: Cookie }
  const stored = isSameCookie(before.cookie, cookie)
    ? before.cookie
    : storedCookie(JSON.parse(toJson(cookie)))
  const beginning = `{"cookie":${JSON.stringify(stored)}`
  const fields = contentFields(session)
  const content = toJson(fields)
  if (stored === before.cookie && isUnchanged(last, { beginning, content })) return last
  const correctedContent = correctedContentOf(session, before)
  const text = withinLimit(beginning + afterCookie(correctedContent ?? content))
  if (text === last.text) return last
  return new Snapshot({
    text,
    content,
    ...(!correctedContent && { record: { cookie: stored, ...plain(fields) } })
  })
}

/** What other programs wrote need not begin with the cookie. */
function isUnchanged(
  last: Snapshot,
  { beginning, content }: { beginning: string; content: string }
): boolean {
  return last.text.startsWith(beginning)
    ? last.text === beginning + afterCookie(content)
    : last.content() === content
}

function afterCookie(content: string): string {
  return (content === '{}' ? '' : ',') + content.slice(1)
}

/**
 * Nobody moves the start of a session that goes on; one that this request made does not know it, the store set it.
 * A role is its person's: an app that puts somebody else into a session, as documented programs do, does not pass it on.
 * @returns undefined where there is nothing to correct
 */
function correctedContentOf(session: Partial<SessionRecord>, before: SessionRecord): string | undefined {
  const { startedAt = session.startedAt } = before
  const passesRoleOn = ownerOf(before) !== ownerOf(session) && before.accountRole === session.accountRole
  if (startedAt === session.startedAt && !passesRoleOn) return undefined
  const { accountRole, ...rest } = session
  return contentOf({ ...(passesRoleOn ? rest : session), startedAt })
}

/** What JSON.parse would make of its text; most of what sessions hold needs no taking apart. */
function plain(fields: Record<string, unknown>): Record<string, unknown> {
  for (const name of Object.keys(fields)) {
    const value = plainValue(fields[name])
    if (value === undefined) delete fields[name]
    else fields[name] = value
  }
  return fields
}

function plainValue(value: unknown): unknown {
  if (isPlain(value)) return value
  const copy = Array.isArray(value) ? Array.from(value) : undefined
  if (copy?.every(isPlain)) return copy
  const text = JSON.stringify(value)
  return text === undefined ? undefined : JSON.parse(text)
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}

/** For the application to change: what is loaded stays as it is. */
export function copyOf({ record, text }: Pick<LoadedSession, 'record' | 'text'>): SessionRecord {
  try {
    return copyOfEach(record) as SessionRecord
  } catch {
    // Nested so deep that no function can follow; JSON.parse does.
    return JSON.parse(text)
  }
}

function copyOfEach(record: object): object {
  const copy: Record<string, unknown> = { ...record }
  for (const name of Object.keys(copy)) copy[name] = copyOfValue(copy[name])
  return copy
}

function copyOfValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (!Array.isArray(value)) return copyOfEach(value)
  const copy: unknown[] = []
  for (const element of value) copy.push(copyOfValue(element))
  return copy
}
