import { isSameCookie } from './session-cookie.ts'
import { ownerOf, type SessionRecord } from './session-record.ts'
import { contentOf, fitting, Snapshot, toJson } from './snapshot.ts'

type Cookie = SessionRecord['cookie']

export interface ToKeep {
  readonly session: object
  /** What was kept of it before. */
  readonly last: Snapshot
  /** What is written down of a cookie. */
  readonly written: (cookie: Cookie) => Cookie
}

/**
 * What is to be kept of a session object. Put together once: a session is written as often as it is read, or not
 * at all, so this is most of what writing costs in this process.
 * @returns the last one where nothing changed
 * @throws {SessionDataError} where JSON has no form for it, or too large a one
 */
export function keptOf({ session, last, written }: ToKeep): Snapshot {
  const before = last.record()
  const { cookie } = session as { readonly cookie: Cookie }
  const kept = isSameCookie(before.cookie, cookie) ? before.cookie : written(JSON.parse(toJson(cookie)))
  const content = contentOf(session)
  if (kept === before.cookie && content === last.content()) return last
  const text = fitting(textOf(kept, corrected(session, before) ?? content))
  return text === last.text ? last : new Snapshot({ text, content })
}

/** The cookie first, as express-session and @fastify/session have it. */
function textOf(cookie: Cookie, content: string): string {
  return `{"cookie":${JSON.stringify(cookie)}${content === '{}' ? '' : ','}${content.slice(1)}`
}

/**
 * Nobody moves the start of a session that goes on; one that this request made does not know it, the store set it.
 * A role is its person's: an app that puts somebody else into a session, as documented programs do, does not pass it on.
 * @returns undefined where there is nothing to correct
 */
function corrected(session: Partial<SessionRecord>, before: SessionRecord): string | undefined {
  const { startedAt = session.startedAt } = before
  const passesRoleOn = ownerOf(before) !== ownerOf(session) && before.accountRole === session.accountRole
  if (startedAt === session.startedAt && !passesRoleOn) return undefined
  const { accountRole, ...rest } = session
  return contentOf({ ...(passesRoleOn ? rest : session), startedAt })
}

/** For the application to change: what is loaded stays as it is. */
export function copyOf(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy = { ...record }
  for (const name of Object.keys(copy)) copy[name] = copyOfValue(copy[name])
  return copy
}

function copyOfValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (!Array.isArray(value)) return copyOf(value as Record<string, unknown>)
  const copy: unknown[] = []
  for (const element of value) copy.push(copyOfValue(element))
  return copy
}
