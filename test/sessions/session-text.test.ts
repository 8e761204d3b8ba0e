import fc from 'fast-check'
import t from 'tap'
import { terseCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { serialize } from '../../src/sessions/object/serialize.ts'
import { Snapshot } from '../../src/sessions/object/snapshot.ts'
import { recordIn, textOf } from '../../src/sessions/session-text.ts'
import { records } from './records.ts'

const cookie = { originalMaxAge: null, sameSite: 'lax', secure: true }
const secret = 's'.repeat(22)
const account = 'a'.repeat(22)
const alice = {
  accountRole: 'user',
  ...{ cookie, secret, account, epoch: 1, user: 'alice', address: '203.0.113.1' },
  ...{ startedAt: 1_800_000_000_005, accountProofs: { password: 1_800_000_000_000 } },
  device: ['Chrome', 'Windows']
} as const

t.test('a record is read as it was written, and written as it was read', async (t) => {
  fc.assert(
    fc.property(records, (record) => {
      const text = textOf(record)
      t.strictSame(recordIn(text), JSON.parse(JSON.stringify(record)), text)
      t.equal(textOf(recordIn(text)), text)
    }),
    { numRuns: 300 }
  )
})

t.test('what a sign-in stores is short', async (t) => {
  const ids = `${secret}${account}`
  const terse = [ids, 'alice', alice.startedAt, 1, 1, 5, '203.0.113.1', 'Chrome', 'Windows']
  t.equal(textOf(alice), JSON.stringify(terse))
  const date = new Date(alice.startedAt + 1002).toJSON()
  const remembered = { ...alice, remember: true, cookie: { ...cookie, originalMaxAge: 1000, expires: date } }
  const others = [alice.startedAt, 11, ...terse.slice(4), { cookie: [1000, 2] }]
  t.equal(textOf(remembered), JSON.stringify([ids, 'alice', ...others]))
})

t.test('a record of which another program may know the key is complete JSON', async (t) => {
  const { secret: _, ...plain } = alice
  for (const record of [plain, { ...plain, secret: [secret, account] }, { cookie, movedTo: 'key' }])
    t.equal(textOf(record), JSON.stringify(record))
})

t.test('texts of other programs are read, whatever JSON they are', async (t) => {
  t.strictSame(recordIn('{"cookie":{"path":"/"},"user":"alice"}'), { cookie: { path: '/' }, user: 'alice' })
  for (const text of ['null', '1', '"text"', '[]', '["a"]', `["${secret}"]`])
    t.equal(recordIn(text).user, undefined, text)
  t.throws(() => recordIn('no JSON'), SyntaxError)
})

t.test('a save makes one JSON text of a terse record, whether it changed or not', async (t) => {
  const before = recordIn(textOf(alice))
  const whole = { path: '/', expires: null, httpOnly: true, domain: null, ...cookie }
  for (const change of [{}, { views: 1 }]) {
    const last = new Snapshot({ text: textOf(alice), record: before })
    const stringify = t.capture(JSON, 'stringify', JSON.stringify)
    const next = serialize({
      session: { ...before, cookie: whole, ...change },
      last,
      storedCookie: terseCookie
    })
    t.equal(stringify().length, 1)
    stringify.restore()
    t.strictSame(next.record(), { ...before, ...change })
    t.equal(next.text, textOf(next.record()))
    t.equal(next === last, Object.keys(change).length === 0)
  }
})
