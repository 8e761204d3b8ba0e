import t, { type Test } from 'tap'
import { openSqlite } from '../../../src/database/sqlite.ts'
import { CallbackStore } from '../../../src/sessions/object/callback-store.ts'
import type { SessionRecord } from '../../../src/sessions/session-record.ts'
import { recordIn } from '../../../src/sessions/session-text.ts'
import { Sessions } from '../../../src/sessions/sessions.ts'
import { SqliteStore } from '../../../src/sessions/stores/sqlite-store.ts'
import { readConfig } from '../../../src/settings/config.ts'

const cookie = { originalMaxAge: null }
const start = Date.UTC(2026, 0, 2)

/** The callbacks as promises. */
async function open(t: Test) {
  const database = await openSqlite(':memory:')
  const now = () => start
  const { lifetimes } = readConfig({})
  const sessions = new Sessions({
    store: new SqliteStore(database.sqlite, now),
    lifetimes,
    ids: 'hashed',
    now
  })
  t.teardown(async () => {
    await sessions.close()
    await database.close()
  })
  const store = new CallbackStore({ sessions })
  const answer = <T>(ask: (done: (error: Error | null, value?: T) => void) => void) =>
    new Promise<T | undefined>((resolve, reject) =>
      ask((error, value) => (error ? reject(error) : resolve(value)))
    )
  const set = (id: string, session: object) => answer<void>((done) => store.set(id, session, done))
  const newId = () => store.regenerations.newId()
  const id = newId()
  return {
    database,
    id,
    newId,
    regenerations: store.regenerations,
    begin: (id: string, session: object) => {
      store.begin(session, id)
      return set(id, session)
    },
    sessions,
    withLoaded: store.withLoaded.bind(store),
    get: (id: string) => answer<SessionRecord | null>((done) => store.get(id, done)),
    isDestroyed: store.isDestroyed.bind(store),
    noteFormerId: store.noteFormerId.bind(store),
    touch: (id: string, session: SessionRecord) => answer<void>((done) => store.touch(id, session, done)),
    set,
    destroy: (id: string, then = () => {}) =>
      answer<void>((done) =>
        store.destroy(id, (error) => {
          then()
          done(error)
        })
      ),
    text: () => database.sqlite.prepare('SELECT record FROM sessions').get()?.record,
    changes: () => database.sqlite.prepare('SELECT total_changes() AS count').get()?.count
  }
}

t.test('a new session is stored and loaded, with its start', async (t) => {
  const { begin, id, get, text } = await open(t)
  await begin(id, { cookie, user: 'alice' })
  const loaded = await get(id)
  t.match(loaded, { cookie, user: 'alice', startedAt: start })
  const { secret, ...stored } = recordIn(String(text()))
  t.match(String(secret), /^[\w-]{22}$/)
  t.same(loaded, stored, 'the secret is hidden')
})

t.test('a session that was never stored is null', async (t) => {
  const { id, get } = await open(t)
  t.equal(await get(id), null)
})

t.test('fields of the request are never stored', async (t) => {
  const { begin, id, get, set, text } = await open(t)
  await begin(id, { cookie })
  const loaded = await get(id)
  await set(id, Object.assign(loaded!, { colour: 'blue' }))
  t.same(Object.keys(recordIn(String(text()))), ['cookie', 'startedAt', 'secret', 'colour'])
})

t.test('saving an unchanged session writes nothing', async (t) => {
  const { begin, id, get, set, changes } = await open(t)
  await begin(id, { cookie, user: 'alice' })
  const loaded = await get(id)
  const before = changes()
  await set(id, loaded!)
  t.equal(changes(), before)
})

t.test('saving one change twice writes once', async (t) => {
  const { begin, id, get, set, changes } = await open(t)
  await begin(id, { cookie })
  const loaded = (await get(id))!
  loaded.colour = 'blue'
  const before = Number(changes())
  await set(id, loaded)
  await set(id, loaded)
  t.equal(changes(), before + 1)
})

t.test('a new session can be changed and saved again', async (t) => {
  const { begin, id, get, set } = await open(t)
  const session: SessionRecord = { cookie }
  await begin(id, session)
  session.user = 'alice'
  await set(id, session)
  t.match(await get(id), { user: 'alice', startedAt: start })
})

t.test('saving a session that has ended does not revive it', async (t) => {
  const { begin, id, get, set, destroy, text } = await open(t)
  await begin(id, { cookie, user: 'alice' })
  const loaded = await get(id)
  await destroy(id)
  await set(id, Object.assign(loaded!, { colour: 'blue' }))
  t.equal(await get(id), null)
  t.equal(text(), undefined)
})

t.test('saving a session that began and ended in this request does not revive it', async (t) => {
  const { begin, id, get, set, destroy } = await open(t)
  const session: SessionRecord = { cookie, user: 'alice' }
  await begin(id, session)
  await destroy(id)
  session.colour = 'blue'
  await set(id, session)
  t.equal(await get(id), null)
})

t.test('the start of an existing session cannot be changed', async (t) => {
  const { begin, id, get, set } = await open(t)
  await begin(id, { cookie })
  const loaded = await get(id)
  await set(id, Object.assign(loaded!, { startedAt: start + 1_000_000, user: 'alice' }))
  t.match(await get(id), { startedAt: start, user: 'alice' })
})

t.test('two concurrent saves of one new session both count', async (t) => {
  const { begin, id, get, set } = await open(t)
  const session: SessionRecord = { cookie }
  const first = begin(id, session)
  session.user = 'alice'
  await Promise.all([first, set(id, session)])
  t.match(await get(id), { user: 'alice' })
})

t.test('ending a session that is gone is no error', async (t) => {
  const { id, destroy } = await open(t)
  await destroy(id)
})

t.test('a failing store is an error in the callback', async (t) => {
  const { begin, id, database, get, set, destroy, newId } = await open(t)
  await begin(id, { cookie })
  const loaded = await get(id)
  database.sqlite.exec('DROP TABLE sessions')
  const code = 'LATCHKEY_STORAGE_UNAVAILABLE'
  await t.rejects(get(id), { code })
  await t.rejects(begin(newId(), { cookie }), { code })
  await t.rejects(set(id, Object.assign(loaded!, { user: 'alice' })), { code })
  await t.rejects(destroy(id), { code })
})

t.test('session data that JSON cannot hold is an error in the callback', async (t) => {
  const { begin, id } = await open(t)
  await t.rejects(begin(id, { cookie, big: 1n }), { code: 'LATCHKEY_SESSION_DATA' })
})

t.test('each half of an id has 128 random bits', async (t) => {
  const { newId } = await open(t)
  const ids = Array.from({ length: 1000 }, () =>
    newId()
      .split('.')
      .map((half) => Buffer.from(half, 'base64url'))
  )
  for (const halves of ids) if (halves.some(({ length }) => length !== 16)) t.fail(String(halves))
  t.equal(new Set(ids.flat().map(String)).size, 2000)
  // Each bit is set in about half of the ids: within 7 standard deviations.
  const bits = ids.map((halves) => BigInt(`0x${Buffer.concat(halves).toString('hex')}`))
  for (let bit = 0n; bit < 256n; bit += 1n) {
    const on = bits.filter((id) => (id >> bit) & 1n).length
    if (Math.abs(on - 500) > 110) t.fail(`bit ${bit} is on in ${on} of 1000 ids`)
  }
})

t.test('only a new session under its own id can be created', async (t) => {
  const { begin, id, newId, get, set, text } = await open(t)
  await set('an id from elsewhere', { cookie, user: 'alice' })
  t.equal(await get('an id from elsewhere'), null)
  const session = { cookie, user: 'alice' }
  const failing = begin(id, Object.assign(session, { big: 1n }))
  await t.rejects(failing, { code: 'LATCHKEY_SESSION_DATA' })
  Reflect.deleteProperty(session, 'big')
  await set(newId(), session)
  t.equal(text(), undefined)
  await set(id, session)
  t.match(await get(id), { user: 'alice' }, 'after a failed save it can be saved again')
})

/** As @fastify/session does: `regenerate(['user'])`, with `set` in the callback of `destroy`. */
async function regenerate(
  { id, newId, get, set, destroy, regenerations }: Awaited<ReturnType<typeof open>>,
  {
    previous = undefined as object | undefined,
    ended = async () => {},
    kept = { user: 'alice' } as object
  } = {}
) {
  const loaded = previous ?? (await get(id)) ?? {}
  await ended()
  let saved = Promise.resolve<unknown>(undefined)
  const [next, destroyed] = regenerations.follow(Object.assign(loaded, { sessionId: id }), () => {
    const next = newId()
    const destroyed = destroy(id, () => {
      saved = set(next, { cookie, ...kept })
    })
    return [next, destroyed]
  })
  await destroyed
  await saved
  return next
}

t.test('regenerating a session whose user has signed out does not create one', async (t) => {
  const store = await open(t)
  await store.begin(store.id, { cookie, user: 'alice' })
  const next = await regenerate(store, { ended: () => store.destroy(store.id).then(() => {}) })
  t.equal(await store.get(next), null)
})

for (const kept of [{ user: 'alice' }, {}]) {
  t.test(
    `the session of a signed-in user continues, if ${Object.keys(kept)[0] ?? 'nothing'} is kept`,
    async (t) => {
      const store = await open(t)
      await store.sessions.create(store.id, {
        cookie,
        user: 'alice',
        accountProofs: { password: start - 1 },
        cart: 1
      })
      const next = await regenerate(store, { kept })
      t.match(await store.get(next), {
        user: 'alice',
        accountProofs: { password: start - 1 },
        cart: undefined
      })
      t.equal(next.split('.')[0], store.id.split('.')[0], 'under the same public half')
      t.equal(await store.get(store.id), null)
    }
  )
}

t.test('the session of nobody is replaced by another one, whose id nobody has seen', async (t) => {
  const store = await open(t)
  await store.begin(store.id, { cookie, cart: 1 })
  const next = await regenerate(store, { kept: { cart: 1 } })
  t.match(await store.get(next), { cart: 1 })
  t.not(next.split('.')[0], store.id.split('.')[0])
  t.equal(await store.get(store.id), null)
})

t.test('regenerating a session that was never stored creates one', async (t) => {
  const store = await open(t)
  const next = await regenerate(store, { previous: { cookie, user: 'alice' } })
  t.match(await store.get(next), { user: 'alice' })
})

t.test('destroying the empty session of a former id ends the session itself', async (t) => {
  const store = await open(t)
  await store.begin(store.id, { cookie, user: 'alice' })
  const next = await regenerate(store)
  const empty = store.newId()
  store.noteFormerId(empty, store.id)
  await store.destroy(empty)
  t.equal(await store.get(next), null)
})

t.test('the callback of destroy can ask whether the session was ended', async (t) => {
  const { begin, id, database, destroy, isDestroyed } = await open(t)
  await begin(id, { cookie })
  const heard: boolean[] = []
  const hear = () => void heard.push(isDestroyed(id), isDestroyed('another'))
  await destroy(id, hear)
  await destroy(id, hear)
  database.sqlite.exec('DROP TABLE sessions')
  await t.rejects(destroy(id, hear), { code: 'LATCHKEY_STORAGE_UNAVAILABLE' })
  t.same(heard, [true, false, true, false, false, false], 'one that was gone already counts as ended')
  t.notOk(isDestroyed(id))
})

t.test('a new expiry date of the cookie alone writes nothing', async (t) => {
  const { begin, id, set, touch, changes } = await open(t)
  const session = { cookie: { originalMaxAge: 60_000, expires: new Date(start) } }
  await begin(id, session)
  const before = changes()
  session.cookie.expires = new Date(start + 1000)
  await set(id, session)
  await touch(id, session)
  t.equal(changes(), before)
})

t.test('touching stores a new cookie age, and nothing else', async (t) => {
  const { begin, id, get, touch } = await open(t)
  const session: SessionRecord = { cookie: { originalMaxAge: null }, user: 'alice' }
  await begin(id, session)
  session.cookie = { originalMaxAge: 60_000 }
  session.user = 'bob'
  await touch(id, session)
  t.match(await get(id), { cookie: { originalMaxAge: 60_000 }, user: 'alice' })
})

t.test('touching a session that was never stored does nothing', async (t) => {
  const { id, touch, text } = await open(t)
  await touch(id, { cookie })
  t.equal(text(), undefined)
})

t.test('fields of the request are not among the keys of a stored session', async (t) => {
  const { begin, id } = await open(t)
  const session = { cookie }
  await begin(id, session)
  t.same(Object.keys(session), ['cookie'])
})

t.test('a session loaded for a failing request is not given to another', async (t) => {
  const { begin, id, newId, get, sessions, withLoaded } = await open(t)
  await begin(id, { cookie, user: 'alice' })
  const alices = await sessions.find(id)
  const fail = () => {
    throw new Error('the application fails')
  }
  t.throws(() => withLoaded(alices, fail), { message: 'the application fails' })
  t.equal(await get(newId()), null)
})

t.test('while one session is at hand, another id still loads its own session', async (t) => {
  const { begin, id, newId, get, sessions, withLoaded } = await open(t)
  await begin(id, { cookie, user: 'alice' })
  const alices = await sessions.find(id)
  let asked: Promise<unknown>[] = []
  withLoaded(alices, () => {
    asked = [get(id), get(newId())]
  })
  t.match(await Promise.all(asked), [{ user: 'alice' }, null])
})

t.test('changing nested data does not change what other requests have loaded', async (t) => {
  const { begin, id, get, sessions, withLoaded } = await open(t)
  const cart = { apples: [{ count: 1 }], 1: null }
  await begin(id, { cookie, cart, ...JSON.parse('{"__proto__":{"count":1}}') })
  const kept = await sessions.find(id)
  const load = () => {
    const { promise, resolve } = Promise.withResolvers<SessionRecord>()
    withLoaded(kept, () => get(id).then((loaded) => resolve(loaded!)))
    return promise
  }
  const loaded = await load()
  Object.assign(Object(loaded.cart), { apples: [] })
  Object.assign(Object(Object.getOwnPropertyDescriptor(loaded, '__proto__')?.value), { count: 2 })
  const { secret, ...stored } = recordIn(kept?.text ?? '')
  t.same(await load(), stored)
})

t.test('a copy of a former session brings nothing of it along', async (t) => {
  const { begin, id, newId, get, set, sessions } = await open(t)
  const authority = { accountRole: 'admin', accountProofs: { password: start } } as const
  await sessions.create(id, { cookie, user: 'alice', ...authority })
  const copy = { ...(await get(id)) }
  const other = newId()
  await begin(other, { ...copy, cookie })
  const { secret, ...stored } = (await sessions.load(other)) ?? {}
  t.same(stored, { cookie, startedAt: start, user: 'alice' })
  const loaded = (await get(other))!
  await set(other, Object.assign(loaded, copy, { colour: 'blue' }))
  t.same(await sessions.load(other), { ...stored, secret, colour: 'blue' })
})
