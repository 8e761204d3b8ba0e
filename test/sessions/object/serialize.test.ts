import t from 'tap'
import { terseCookie } from '../../../src/sessions/cookie/session-cookie.ts'
import { copyOf, serialize } from '../../../src/sessions/object/serialize.ts'
import { Snapshot } from '../../../src/sessions/object/snapshot.ts'
import type { SessionRecord } from '../../../src/sessions/session-record.ts'

const cookie = { originalMaxAge: null, sameSite: 'lax' }
const reserved = { accountRole: 'admin', startedAt: 1000, gen: 1 } as const
const alice = { cookie, ...reserved, user: 'alice' } as const

/** The serialized text after `before`. */
function kept(before: SessionRecord, session: object): string {
  const last = new Snapshot({ text: JSON.stringify(before) })
  const next = serialize({ session, last, storedCookie: terseCookie })
  return next === last ? 'the same' : next.text
}

t.test('changed data is serialized with the cookie as it was', async (t) => {
  const whole = { path: '/', expires: null, httpOnly: true, secure: false, domain: null, ...cookie }
  t.equal(kept(alice, { ...alice, cookie: whole }), 'the same')
  t.equal(kept(alice, { ...alice, cookie: whole, views: 1 }), JSON.stringify({ ...alice, views: 1 }))
  t.equal(kept({ cookie, views: 1 }, { cookie }), JSON.stringify({ cookie }))
})

t.test('a changed cookie is serialized without its defaults', async (t) => {
  const strict = { path: '/', httpOnly: true, originalMaxAge: null, sameSite: 'strict' }
  const written = { originalMaxAge: null, sameSite: 'strict' }
  t.equal(kept(alice, { ...alice, cookie: strict }), JSON.stringify({ ...alice, cookie: written }))
  const dated = { ...cookie, originalExpires: new Date(0) }
  t.equal(kept({ cookie }, { cookie: dated }), JSON.stringify({ cookie: dated }))
  t.equal(kept(JSON.parse(JSON.stringify({ cookie: dated })), { cookie: dated }), 'the same')
})

t.test('reserved fields are never taken from the object', async (t) => {
  const copied = { accountRole: 'user', startedAt: 2000, accountProofs: { password: 2000 }, gen: 9 }
  t.equal(kept(alice, { ...alice, ...copied }), 'the same')
  t.equal(kept(alice, { cookie, user: 'alice' }), 'the same')
  t.equal(
    kept(alice, { cookie, ...copied, user: 'bob' }),
    JSON.stringify({ cookie, ...reserved, user: 'bob' })
  )
  t.equal(kept({ cookie }, { cookie, ...copied }), 'the same')
})

t.test('data that JSON cannot hold, or too much data, is refused', async (t) => {
  for (const wrong of [1n, 'ế'.repeat(22_000)]) {
    t.throws(() => kept(alice, { ...alice, wrong }), { code: 'LATCHKEY_SESSION_DATA' })
  }
})

t.test('deeply nested data is copied without overflowing the stack', async (t) => {
  const depth = 10_000
  const text = `{"cookie":${JSON.stringify(cookie)},"nested":${'{"in":'.repeat(depth)}1${'}'.repeat(depth)}}`
  const record = JSON.parse(text)
  let [copied, loaded] = [copyOf({ text, record }).nested, record.nested]
  for (let level = 0; level < depth; level += 1) {
    if (Object(copied) !== copied || copied === loaded) t.fail(`at ${level}`)
    copied = Reflect.get(Object(copied), 'in')
    loaded = loaded.in
  }
  t.equal(copied, 1)
})
