import fc from 'fast-check'
import type { SessionRecord } from '../../src/sessions/session-record.ts'

const id = fc.stringMatching(/^[\w-]{22}$/)
const names = fc.oneof(fc.constantFrom('', 'alice', 'Ada "Countess" Ωλ'), fc.string())
const json = fc.jsonValue({ maxDepth: 2 })
const time = fc.integer({ min: 0, max: 2 ** 42 })
const date = fc.date({ noInvalidDate: true, min: new Date(0) }).map((date) => date.toJSON())
const age = fc.record(
  { originalMaxAge: time, expires: fc.oneof(date, names) },
  { requiredKeys: ['originalMaxAge'] }
)
const usual = fc.constantFrom<object>(
  { originalMaxAge: null, sameSite: 'lax' },
  { originalMaxAge: null, sameSite: 'lax', secure: true },
  { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }
)
const cookie = fc.oneof(
  usual,
  fc.tuple(usual, age).map(([usual, age]) => ({ ...usual, ...age })),
  fc.record({ originalMaxAge: fc.oneof(fc.constant(null), time), domain: names, secure: fc.boolean() })
)
const ours = fc.record(
  {
    account: id,
    accountRole: fc.constantFrom('user', 'admin'),
    startedAt: time,
    accountProofs: fc.oneof(
      fc.constant({}),
      fc.record({ password: time }),
      fc.record({ password: time, code: time })
    ),
    secret: fc.oneof(id, fc.array(id, { minLength: 2 })),
    formerSecret: id,
    movedTo: id,
    epoch: fc.integer({ min: 1, max: 2 ** 40 }),
    era: fc.nat(),
    gen: fc.nat(),
    user: fc.oneof(names, json),
    remember: fc.oneof(fc.boolean(), json),
    address: fc.oneof(names, json),
    device: fc.oneof(fc.tuple(names, fc.oneof(names, fc.constant(null))), json),
    userAgent: names
  },
  { requiredKeys: [] }
)
const ofApps = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom('0', 'theme', 'toString', '__proto__')),
  json
)

/** Any record that a store may have: with fields of an application, and of other programs. */
export const records: fc.Arbitrary<SessionRecord> = fc
  .tuple(cookie, ofApps, ours)
  .map(([cookie, app, fields]) => JSON.parse(`{${fieldsOf({ ...fields, cookie }, app)}}`))

/** As JSON: keys such as `__proto__` are no more than keys there. */
function fieldsOf(ours: object, app: object): string {
  const own = Object.entries(app).filter(([name]) => !Object.hasOwn(ours, name))
  return [...own, ...Object.entries(ours)]
    .map((pair) => pair.map((each) => JSON.stringify(each)).join(':'))
    .join()
}
