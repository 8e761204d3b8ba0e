import type { Test } from 'tap'
import { cursorPattern, type SessionStore } from '../../src/sessions/session-store.ts'
import { eventually } from '../servers/eventually.ts'

/** An empty store and its clock. */
export interface StoreUnderTest {
  readonly store: SessionStore
  /** Milliseconds since 1970, by the store's clock. */
  now(): number
  /** Moves the clock, or waits if it is the server's. */
  until(time: number): Promise<void>
}

/** Longer than the tests ever set the clock forward. */
const day = 24 * 3_600_000
/** For sessions that are to expire. */
const soon = 100
const text = '{"cookie":{"originalMaxAge":null},"user":"alice"}'

/** The contract of every store: see src/sessions/session-store.ts. */
export function keepsTheContract(t: Test, makeStore: (t: Test) => Promise<StoreUnderTest>) {
  async function withPeople(t: Test) {
    const made = await makeStore(t)
    const expiresAt = made.now() + day
    const of = (owner: string) => ({ text, expiresAt, owner })
    const keysOf = async (name: string) => {
      const { sessions } = await made.store.page(name, { limit: 100 })
      return sessions.map(({ key }) => key).sort()
    }
    const endAll = async (name: string, except?: string) => {
      const ended: string[] = []
      for (;;) {
        const some = await made.store.revokeSome(name, except)
        if (some.length === 0) return ended
        ended.push(...some)
      }
    }
    return { ...made, of, keysOf, endAll }
  }

  t.test('a created session can be loaded unchanged', async (t) => {
    const { store, now } = await makeStore(t)
    const expiresAt = now() + day
    t.equal(await store.create('key', { text, expiresAt }), true)
    t.same(await store.load('key'), { text, expiresAt })
  })

  t.test('every character of a text survives', async (t) => {
    const { store, now } = await makeStore(t)
    for (const odd of ['[]', '{"a":[],"b":{}}', '"\\u0000 🦊 \\ud83e é\u2028"', `"${'x'.repeat(100_000)}"`]) {
      await store.create(odd.slice(0, 20), { text: odd, expiresAt: now() + day })
      t.equal((await store.load(odd.slice(0, 20)))?.text, odd)
    }
  })

  t.test('a session that was never created does not exist', async (t) => {
    const { store } = await makeStore(t)
    t.equal(await store.load('key'), undefined)
  })

  t.test('a session that was found to be over is deleted, unless it was used since', async (t) => {
    const { store, now, of, keysOf } = await withPeople(t)
    const found = of('alice')
    for (const key of ['over', 'changed', 'touched']) await store.create(key, found)
    await store.update('changed', { from: text, to: '{"user":"alice"}' })
    await store.touch('touched', { expiresAt: now() + 2 * day, owner: 'alice' })
    for (const key of ['over', 'changed', 'touched', 'gone']) await store.expire(key, found)
    t.same(await keysOf('alice'), ['changed', 'touched'])
    t.equal(await store.create('over', found), true, 'nothing is left of it')
  })

  t.test('creating never overwrites', async (t) => {
    const { store, now } = await makeStore(t)
    const expiresAt = now() + day
    await store.create('key', { text, expiresAt })
    t.equal(await store.create('key', { text: '{}', expiresAt: expiresAt + day }), false)
    t.same(await store.load('key'), { text, expiresAt })
  })

  t.test('of many concurrent creates exactly one succeeds', async (t) => {
    const { store, now } = await makeStore(t)
    const texts = Array.from({ length: 20 }, (_, index) => `{"n":${index}}`)
    const created = await Promise.all(
      texts.map((text) => store.create('key', { text, expiresAt: now() + day }))
    )
    t.equal(created.filter(Boolean).length, 1)
    t.equal((await store.load('key'))?.text, texts[created.indexOf(true)])
  })

  t.test('an update replaces the text and keeps the expiry', async (t) => {
    const { store, now } = await makeStore(t)
    const expiresAt = now() + day
    await store.create('key', { text, expiresAt })
    t.same(await store.update('key', { from: text, to: '{"user":"bob"}' }), {
      outcome: 'stored',
      stored: { text: '{"user":"bob"}', expiresAt }
    })
    t.same(await store.load('key'), { text: '{"user":"bob"}', expiresAt })
  })

  t.test('an update without a change succeeds', async (t) => {
    const { store, now } = await makeStore(t)
    const expiresAt = now() + day
    await store.create('key', { text, expiresAt })
    t.same(await store.update('key', { from: text, to: text }), {
      outcome: 'stored',
      stored: { text, expiresAt }
    })
  })

  t.test('an update does not revive an ended session', async (t) => {
    const { store, now } = await makeStore(t)
    await store.create('key', { text, expiresAt: now() + day })
    await store.revoke('key')
    t.same(await store.update('key', { from: text, to: text }), { outcome: 'gone' })
    t.equal(await store.load('key'), undefined)
  })

  t.test('an update does not revive an expired session or create a missing one', async (t) => {
    const { store, now, until } = await makeStore(t)
    const expiresAt = now() + soon
    await store.create('key', { text, expiresAt })
    await until(expiresAt)
    t.same(await store.update('key', { from: text, to: text }), { outcome: 'gone' })
    t.equal(await store.load('key'), undefined)
    t.same(await store.update('other', { from: text, to: text }), { outcome: 'gone' })
    t.equal(await store.load('other'), undefined)
  })

  t.test('a session exists until its expiry', async (t) => {
    const made = await makeStore(t)
    const { store, until } = made
    const { key, expiresAt, done } = await inTime(made, async (key, expiresAt) => {
      await store.create(key, { text, expiresAt })
      return store.load(key)
    })
    t.ok(done)
    await until(expiresAt)
    t.equal(await store.load(key), undefined)
  })

  t.test('a touch moves the expiry and keeps the text', async (t) => {
    const made = await makeStore(t)
    const { store, now, until } = made
    const later = now() + day
    const { key, expiresAt } = await inTime(made, async (key, expiresAt) => {
      await store.create(key, { text, expiresAt })
      await store.touch(key, { expiresAt: later })
    })
    await until(expiresAt)
    t.same(await store.load(key), { text, expiresAt: later })
  })

  t.test('a touch can bring the expiry forward', async (t) => {
    const { store, now, until } = await makeStore(t)
    await store.create('key', { text, expiresAt: now() + day })
    const expiresAt = now() + soon
    await store.touch('key', { expiresAt })
    await until(expiresAt)
    t.equal(await store.load('key'), undefined)
  })

  t.test('a touch does not revive a session either', async (t) => {
    const { store, now, until } = await makeStore(t)
    const expiresAt = now() + soon
    await store.create('ended', { text, expiresAt: now() + day })
    await store.create('over', { text, expiresAt })
    await store.revoke('ended')
    await until(expiresAt)
    for (const key of ['ended', 'over', 'never']) {
      await store.touch(key, { expiresAt: now() + day })
      t.equal(await store.load(key), undefined, key)
    }
  })

  t.test(
    'an ended session is gone for good, its text is told, and ending it again is no error',
    async (t) => {
      const { store, now } = await makeStore(t)
      await store.create('key', { text, expiresAt: now() + day })
      t.equal(await store.revoke('key'), text)
      t.equal(await store.load('key'), undefined)
      t.equal(await store.revoke('key'), undefined)
      t.equal(await store.revoke('never'), undefined)
    }
  )

  t.test('changes of one session do not affect others', async (t) => {
    const { store, now } = await makeStore(t)
    const other = { text: '{"user":"bob"}', expiresAt: now() + day }
    await store.create('key', { text, expiresAt: now() + day })
    await store.create('other', other)
    await store.update('key', { from: text, to: '{}' })
    await store.touch('key', { expiresAt: now() + 2 * day })
    await store.revoke('key')
    t.same(await store.load('other'), other)
  })

  t.test('a conflicting update changes nothing and returns the current text', async (t) => {
    const { store, now } = await makeStore(t)
    const theirs = '{"user":"alice","list":[]}'
    await store.create('key', { text, expiresAt: now() + day })
    await store.update('key', { from: text, to: theirs })
    t.same(await store.update('key', { from: text, to: '{}' }), { outcome: 'conflict', text: theirs })
    t.equal((await store.load('key'))?.text, theirs)
  })

  t.test('of many concurrent updates from the same text exactly one is stored', async (t) => {
    const { store, now } = await makeStore(t)
    await store.create('key', { text, expiresAt: now() + day })
    const updates = Array.from({ length: 20 }, (_, n) =>
      store.update('key', { from: text, to: `{"n":${n}}` })
    )
    const outcomes = (await Promise.all(updates)).map(({ outcome }) => outcome)
    t.equal(outcomes.filter((outcome) => outcome === 'stored').length, 1)
    t.equal((await store.load('key'))?.text, `{"n":${outcomes.indexOf('stored')}}`)
  })

  t.test('all sessions of one person can be listed and ended, and no others', async (t) => {
    const { store, now, of, keysOf, endAll } = await withPeople(t)
    for (const key of ['one', 'two', 'three']) await store.create(key, of('alice'))
    await store.create('bob', of('bob'))
    await store.create('nobody', { text, expiresAt: now() + day })

    const { sessions } = await store.page('alice', { limit: 100 })
    t.match(
      sessions.find(({ key }) => key === 'two'),
      { key: 'two', text, expiresAt: of('alice').expiresAt }
    )
    t.same(await keysOf('alice'), ['one', 'three', 'two'])
    t.equal((await endAll('alice')).length, 3)

    t.same(await keysOf('alice'), [])
    for (const key of ['one', 'two', 'three']) t.equal(await store.load(key), undefined)
    t.ok(await store.load('bob'))
    t.ok(await store.load('nobody'))
    t.equal((await endAll('alice')).length, 0)
    await store.create('later', of('alice'))
    t.ok(await store.load('later'), 'a new one can begin')
  })

  t.test('all sessions of everybody can be iterated and ended', async (t) => {
    const { store, now, of, keysOf } = await withPeople(t)
    for (let index = 0; index < 50; index += 1) await store.create(`hers ${index}`, of('alice'))
    await store.create('his', of('bob'))
    await store.create('nobody’s', { text, expiresAt: now() + day })

    const keys = new Set<string>()
    for await (const key of store.keys()) keys.add(key)
    t.equal(keys.size, 52)
    t.ok(keys.has('hers 49') && keys.has('his') && keys.has('nobody’s'))
    t.equal(await store.revokeEverything(), 52)

    t.equal(await store.load('his'), undefined)
    t.same(await keysOf('alice'), [])
    for await (const key of store.keys()) t.fail(key)
    t.equal(await store.revokeEverything(), 0)
  })

  t.test('all sessions of a person but one can be ended', async (t) => {
    const { store, of, keysOf, endAll } = await withPeople(t)
    for (const key of ['one', 'two', 'three']) await store.create(key, of('alice'))
    t.equal((await endAll('alice', 'two')).length, 2)
    t.same(await keysOf('alice'), ['two'])
    t.ok(await store.load('two'))
    t.equal((await endAll('alice', 'of nobody')).length, 1)
  })

  t.test('a list has no ended or expired sessions', async (t) => {
    const made = await withPeople(t)
    const { store, now, until, of, keysOf, endAll } = made
    await store.create('there', of('alice'))
    await store.create('ended', of('alice'))
    await store.revoke('ended')
    const over = now() + soon
    await store.create('over', { ...of('alice'), expiresAt: over })
    const { key, expiresAt } = await inTime(made, async (key, expiresAt) => {
      await store.create(key, { ...of('alice'), expiresAt })
      await store.touch(key, { expiresAt: now() + day, owner: 'alice' })
    })
    await until(Math.max(over, expiresAt))
    t.same(await keysOf('alice'), [key, 'there'].sort())
    t.equal((await endAll('alice')).length, 2)
  })

  t.test('one session is ended only as its owner’s', async (t) => {
    const { store, of, keysOf } = await withPeople(t)
    await store.create('hers', of('name:alice'))
    t.equal(await store.revokeOf('name:bob', 'hers'), false)
    t.ok(await store.load('hers'))
    t.equal(await store.revokeOf('name:alice', 'hers'), true)
    t.equal(await store.load('hers'), undefined)
    t.same(await keysOf('name:alice'), [])
    t.equal(await store.revokeOf('name:alice', 'hers'), false)
  })

  t.test('pages have each session once, in the order of use, in both directions', async (t) => {
    const { store, now, until, of } = await withPeople(t)
    const keys = Array.from({ length: 11 }, (_, index) => `number ${index}`)
    for (const key of keys) await store.create(key, of('alice'))
    await store.create('his', of('bob'))
    await until(now() + 1)
    await store.touch('number 3', of('alice'))
    const used = [...keys.filter((key) => key !== 'number 3'), 'number 3']
    const walk = async (order: 'last used' | 'longest unused', limit: number) => {
      const walked: string[] = []
      const cursors: string[] = []
      for (let after: string | undefined; ; ) {
        const page = await store.page('alice', { after, limit, order })
        walked.push(...page.sessions.map(({ key }) => key))
        cursors.push(...page.sessions.map(({ cursor }) => cursor))
        if (page.next === undefined) return { walked, cursors }
        t.equal(page.sessions.length, limit, 'all pages but the last are full')
        t.equal(page.next, cursors.at(-1))
        after = page.next
      }
    }
    for (const limit of [1, 4, 11, 100])
      t.same((await walk('longest unused', limit)).walked, used, String(limit))
    const back = await walk('last used', 4)
    t.same(back.walked, used.toReversed())
    for (const cursor of back.cursors) t.match(cursor, cursorPattern)

    const middle = back.cursors[5]
    const later = await store.page('alice', { after: middle, limit: 2, order: 'longest unused' })
    t.same(
      later.sessions.map(({ key }) => key),
      [back.walked[4], back.walked[3]],
      'a cursor serves both directions'
    )
    await store.revoke(back.walked[5] ?? '')
    const rest = await store.page('alice', { after: middle, limit: 100 })
    t.same(
      rest.sessions.map(({ key }) => key),
      back.walked.slice(6),
      'also after its session has ended'
    )
    t.same(await store.page('nobody', { limit: 25 }), { sessions: [], next: undefined })
  })

  t.test('sessions are counted up to a limit', async (t) => {
    const { store, of } = await withPeople(t)
    for (const key of ['one', 'two', 'three']) await store.create(key, of('alice'))
    t.equal(await store.count('alice', 100), 3)
    t.equal(await store.count('alice', 2), 2)
    t.equal(await store.count('bob', 100), 0)
  })

  t.test('a session that changes its owner belongs to the new one', async (t) => {
    const { store, now, of, keysOf, endAll } = await withPeople(t)
    await store.create('key', of('alice'))
    await store.create('cart', { text, expiresAt: now() + day })
    const expiresAt = now() + day
    const toBob = { from: 'alice', to: 'bob', expiresAt }
    t.match(await store.update('key', { from: text, to: '{"user":"bob"}', ownerChange: toBob }), {
      outcome: 'stored'
    })
    await store.update('cart', { from: text, to: text, ownerChange: { ...toBob, from: undefined } })
    t.same(await keysOf('alice'), [])
    t.same(await keysOf('bob'), ['cart', 'key'])

    await store.update('key', {
      from: '{"user":"bob"}',
      to: '{}',
      ownerChange: { from: 'bob', to: undefined, expiresAt }
    })
    t.same(await keysOf('bob'), ['cart'])
    t.equal((await endAll('bob')).length, 1)
    t.ok(await store.load('key'), 'a session without an owner stays when a person is signed out everywhere')
  })

  t.test('ending a session wins over concurrent updates', async (t) => {
    const { store, now } = await makeStore(t)
    await store.create('key', { text, expiresAt: now() + day })
    const updates = Array.from({ length: 10 }, (_, index) =>
      store.update('key', { from: text, to: `{"n":${index}}` })
    )
    await Promise.all([...updates, store.revoke('key'), store.touch('key', { expiresAt: now() + 2 * day })])
    t.same(await store.update('key', { from: text, to: text }), { outcome: 'gone' })
    t.equal(await store.load('key'), undefined)
  })
}

/**
 * Does something with a session before it expires. If that took too long, the session is ended, and the next
 * one lives twice as long.
 */
async function inTime<T>(
  { store, now }: StoreUnderTest,
  act: (key: string, expiresAt: number) => Promise<T>
): Promise<{ key: string; expiresAt: number; done: T }> {
  for (let lasts = soon; ; lasts *= 2) {
    const key = `lasts ${lasts}`
    const expiresAt = now() + lasts
    const done = await act(key, expiresAt)
    if (now() < expiresAt) return { key, expiresAt, done }
    await store.revoke(key)
  }
}

/** Every method of a store that cannot answer throws StorageError. */
export async function failsClosed(t: Test, store: SessionStore) {
  const attempts: Record<string, () => Promise<unknown>> = {
    create: () => store.create('new', { text, expiresAt: Date.now() + day }),
    load: () => store.load('key'),
    update: () => store.update('key', { from: text, to: text }),
    page: () => store.page('alice', { limit: 25 }),
    count: () => store.count('alice', 100),
    revokeSome: () => store.revokeSome('alice'),
    revokeOf: () => store.revokeOf('alice', 'key'),
    keys: () => store.keys()[Symbol.asyncIterator]().next(),
    revokeEverything: () => store.revokeEverything(),
    touch: () => store.touch('key', { expiresAt: Date.now() + day }),
    revoke: () => store.revoke('key')
  }
  for (const [name, attempt] of Object.entries(attempts)) {
    await t.rejects(attempt(), { code: 'LATCHKEY_STORAGE_UNAVAILABLE', cause: Error }, name)
  }
}

/** The same, without waiting for a timeout. */
export async function failsAtOnce(t: Test, store: SessionStore) {
  const loading = store.load('key').then(
    () => undefined,
    ({ cause }) => String(cause)
  )
  t.notMatch(await loading, /undefined|no answer|silent/)
  await failsClosed(t, store)
}

/** Waits until a store works again. */
export async function comesBack(store: SessionStore) {
  await eventually('an answer', () => store.load('key').then(() => true))
}
