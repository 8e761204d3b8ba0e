import type { ReservedFields } from '../session-record.ts'

const stamps = new WeakMap<object, ReservedFields>()

/** The reserved fields with which a session object that is not stored yet will be stored. */
export function stamp(session: object, fields: ReservedFields): void {
  stamps.set(session, fields)
}

export function stampOf(session: object): ReservedFields {
  return stamps.get(session) ?? {}
}

const arrivals = new WeakMap<object, number>()

/** Of a request, or of a session object in it. @param arrivedAt by `performance.now()` */
export function noteArrival(of: object, arrivedAt = performance.now()): void {
  arrivals.set(of, arrivedAt)
}

/** When the request arrived, by `performance.now()`; undefined: nobody noted it. */
export function arrivalOf(of: object): number | undefined {
  return arrivals.get(of)
}

/** Not enumerable: express-session would take them for a change of the application. */
export function show(session: object, fields: ReservedFields): void {
  for (const [name, value] of Object.entries(fields))
    Object.defineProperty(session, name, { value, configurable: true, writable: true })
}
