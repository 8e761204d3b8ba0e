import {
  isReservedField,
  nameOf,
  type ReservedFields,
  type SessionRecord,
  shownOf
} from '../session-record.ts'
import { type Carrier, snapshotKey } from './snapshot.ts'
import { stampOf } from './stamps.ts'

/**
 * What a session object says, with the reserved fields as they are stored or will be: what an application has
 * written there itself, such as the body of a request, proves nothing. A session that was given another user, or
 * none, has none of them.
 */
export function withTrustedFields(session: object & Carrier): Readonly<Partial<SessionRecord>> {
  const trusted = trustedFieldsOf(session)
  const told = Object.keys(session).filter(isReservedField)
  const names = [...new Set([...told, ...Object.keys(trusted)])] as (keyof ReservedFields)[]
  if (names.every((name) => isSame(Reflect.get(session, name), trusted[name])))
    return session as SessionRecord
  const others = Object.entries(session).filter(([name]) => !isReservedField(name))
  return { ...Object.fromEntries(others), ...trusted }
}

function trustedFieldsOf(session: object & Carrier): ReservedFields {
  const stored = session[snapshotKey]?.record()
  if (!stored) return stampOf(session)
  return nameOf(stored) === nameOf(session) ? shownOf(stored) : {}
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
