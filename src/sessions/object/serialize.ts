import { isSameCookie } from '../cookie/session-cookie.ts'
import { isHiddenField, reservedOf, type SessionRecord } from '../session-record.ts'
import { recordIn, terseOf } from '../session-text.ts'
import type { LoadedSession } from '../sessions.ts'
import { contentFields, Snapshot, toJson, withinLimit } from './snapshot.ts'

type Cookie = SessionRecord['cookie']

export interface SerializeOptions {
  readonly session: object
  /** The state last stored. */
  readonly last: Snapshot
  /** The stored form of a cookie. */
  readonly storedCookie: (cookie: Cookie) => Cookie
}

/**
 * Serializes a session object, once: sessions are written as often as read or not at all, and this is most of
 * the cost of a write in this process. The reserved fields stay as they are, whatever the object says.
 * @returns `last` if nothing changed
 * @throws {SessionDataError} if JSON cannot represent it, or it is too large
 */
export function serialize({ session, last, storedCookie }: SerializeOptions): Snapshot {
  const before = last.record()
  const { cookie } = session as { readonly cookie: Cookie }
  const stored = isSameCookie(before.cookie, cookie)
    ? before.cookie
    : storedCookie(JSON.parse(toJson(cookie)))
  const fields = contentFields(session)
  const terse = terseOf(before, { cookie: stored, content: fields })
  const { text, content } = terse ? { text: toJson(terse) } : completeText({ stored, fields, last })
  if (text === last.text) return last
  return new Snapshot({
    text: withinLimit(text),
    content,
    record: { cookie: stored, ...reservedOf(before), ...plain(fields) }
  })
}

interface Fields {
  readonly stored: Cookie
  readonly fields: Record<string, unknown>
  readonly last: Snapshot
}

/** @returns the text of `last` if nothing changed */
function completeText({ stored, fields, last }: Fields): { readonly text: string; readonly content: string } {
  const beginning = `{"cookie":${JSON.stringify(stored)}${fieldsOf(last.reserved())}`
  const content = toJson(fields)
  const isSame = stored === last.record().cookie && isUnchanged(last, { beginning, content })
  return { text: isSame ? last.text : `${beginning}${fieldsOf(content)}}`, content }
}

/** Texts of other programs need not begin with the cookie. */
function isUnchanged(
  last: Snapshot,
  { beginning, content }: { beginning: string; content: string }
): boolean {
  return last.text.startsWith(beginning)
    ? last.text === `${beginning}${fieldsOf(content)}}`
    : last.content() === content
}

/** The fields of an object's JSON, to follow others. */
function fieldsOf(json: string): string {
  return json === '{}' ? '' : `,${json.slice(1, -1)}`
}

/** What JSON.parse would make of its text; most values need no parsing. */
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

/** A copy that the application may change, without the hidden fields. */
export function copyOf(loaded: Pick<LoadedSession, 'record' | 'text'>): SessionRecord {
  const copy = wholeCopyOf(loaded)
  for (const name of Object.keys(copy)) if (isHiddenField(name)) delete copy[name]
  return copy
}

function wholeCopyOf({ record, text }: Pick<LoadedSession, 'record' | 'text'>): SessionRecord {
  try {
    return copyOfEach(record) as SessionRecord
  } catch {
    // Too deeply nested for recursion; JSON.parse can do it.
    return recordIn(text)
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
