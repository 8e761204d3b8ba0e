/** The cookie of a session as the terse text has it: see session-text.ts. */
export interface PackedCookie {
  /** The place of its attributes in `usualCookies`; `unusual` if they are not there. */
  readonly place: number
  /**
   * Missing for a usual cookie that ends with the browser. Of another one its originalMaxAge, and how much later
   * (milliseconds) than start and age say its date is. The cookie itself if it is unusual.
   */
  readonly rest?: unknown
}

type Cookie = Readonly<Record<string, unknown>> & { originalMaxAge: number | null }

/** Of the service, and of latchkey/express; each without https and with it. Places are stored: add new ones at the end. */
const usualCookies: readonly Cookie[] = [
  { originalMaxAge: null, sameSite: 'lax' },
  { originalMaxAge: null, sameSite: 'lax', secure: true },
  { expires: null, originalMaxAge: null, sameSite: 'lax' },
  { expires: null, originalMaxAge: null, sameSite: 'lax', secure: true },
  { originalMaxAge: null, expires: null, httpOnly: true, path: '/' },
  { originalMaxAge: null, expires: null, secure: true, httpOnly: true, path: '/' }
]
const unusual = 7

/** How many places there can be. */
export const cookiePlaces = unusual + 1

/** @param startedAt of its session, in milliseconds since 1970 */
export function packCookie(cookie: object, startedAt: number): PackedCookie {
  const { originalMaxAge: age, expires } = cookie as Cookie
  const date = Number.isSafeInteger(age) ? timeOf(expires) : undefined
  const undated = date === undefined ? cookie : { ...cookie, originalMaxAge: null, expires: null }
  const place = usualCookies.findIndex((usual) => isSame(undated, usual))
  if (place < 0) return { place: unusual, rest: cookie }
  return date === undefined ? { place } : { place, rest: [age, date - startedAt - Number(age)] }
}

export function unpackCookie({ place, rest }: PackedCookie, startedAt: number): Cookie {
  const usual = usualCookies[place]
  if (!usual) return Object(rest)
  if (!Array.isArray(rest)) return { ...usual }
  const [age, later] = rest.map(Number)
  return {
    ...usual,
    originalMaxAge: Number(age),
    expires: new Date(startedAt + Number(age) + Number(later)).toISOString()
  }
}

/** Of a date as JSON has it. */
function timeOf(text: unknown): number | undefined {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) || new Date(time).toISOString() !== text ? undefined : time
}

function isSame(one: object, other: object): boolean {
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && Reflect.get(one, name) === Reflect.get(other, name))
  )
}
