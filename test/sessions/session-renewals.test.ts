import t, { type Test } from 'tap'
import { StorageError } from '../../src/errors/errors.ts'
import { newSessionId, renewedSessionId } from '../../src/sessions/session-keys.ts'
import type { SessionRecord } from '../../src/sessions/session-record.ts'
import type { Sessions } from '../../src/sessions/sessions.ts'
import { cookie, minute, openSessions, start } from './open-sessions.ts'

const proofs = { accountProofs: { password: start } } as const
const alice = { cookie, user: 'alice', accountRole: 'admin', ...proofs, cart: [1] } as const

/** As SESSION_IDS says, and ids that an application made itself. */
const forms = {
  'ids of ours': { ids: 'hashed', newId: newSessionId },
  'plain ids': { ids: 'plain', newId: newSessionId },
  'ids of an application': { ids: 'hashed', newId: () => `app-${newSessionId()}` }
} as const

async function started(sessions: Sessions, id: string) {
  await sessions.create(id, alice)
  return (await sessions.find(id))?.record as SessionRecord
}

for (const [form, { ids, newId }] of Object.entries(forms)) {
  const open = async (t: Test) => {
    const id = newId()
    const next = form === 'ids of an application' ? newId() : renewedSessionId(id)
    return { ...(await openSessions(t, { ids })), id, next }
  }

  t.test(`${form}: a proof gives the session another id and keeps its content`, async (t) => {
    const { sessions, at, id, next } = await open(t)
    const before = await started(sessions, id)
    at(minute)
    const stamp = { accountRole: 'user', accountProofs: { password: start + minute } } as const
    await sessions.rotate(id, next, { before, stamp })
    t.match(await sessions.load(next), { ...alice, ...stamp, startedAt: start })
    t.same(await sessions.lookUp(id), { session: undefined, isSuperseded: true })
    t.equal(await sessions.rotate(id, renewedSessionId(id), { before, stamp }), undefined, 'once')
  })

  t.test(`${form}: a regenerate empties the session; owner, start and proofs stay`, async (t) => {
    const { sessions, at, id, next } = await open(t)
    const before = await started(sessions, id)
    at(minute)
    await sessions.regenerate(id, next, { before, content: { cookie, colour: 'blue' } })
    const { gen, secret, ...rest } = (await sessions.load(next)) ?? {}
    const { cart, ...kept } = alice
    t.same(rest, { ...kept, colour: 'blue', startedAt: start })
    t.equal(gen, 1)
    t.same(await sessions.lookUp(id), { session: undefined, isSuperseded: true })
  })

  t.test(`${form}: what ends the session under a former id ends it`, async (t) => {
    const { sessions, id, next } = await open(t)
    const before = await started(sessions, id)
    await sessions.regenerate(id, next, { before, content: { cookie } })
    t.equal(await sessions.revoke(id), true)
    t.equal(await sessions.load(next), undefined)
    t.same(await sessions.lookUp(id), { session: undefined, isSuperseded: false }, 'it is over')
  })

  t.test(`${form}: what has ended gets no other id`, async (t) => {
    const { sessions, rows, id, next } = await open(t)
    const before = await started(sessions, id)
    await sessions.revokeAllOf({ id: 'name:alice', name: 'alice' })
    t.equal(await sessions.regenerate(id, next, { before, content: { cookie, user: 'alice' } }), undefined)
    t.equal(await sessions.rotate(id, next, { before, stamp: proofs }), undefined)
    t.same(rows(), [])
  })

  t.test(
    `${form}: a slow request of before changes nothing after a regenerate, but it can sign out`,
    async (t) => {
      const { sessions, id, next } = await open(t)
      const before = await started(sessions, id)
      await sessions.regenerate(id, next, { before, content: { cookie } })
      const { user, ...nobodys } = before
      t.equal(await sessions.update(id, { before, after: { ...before, colour: 'red' } }), undefined)
      t.equal(await sessions.update(id, { before, after: { ...before, user: 'mallory' } }), undefined)
      t.match(await sessions.load(next), { user: 'alice', colour: undefined })
      await sessions.update(id, { before, after: nobodys })
      const left = await sessions.load(next)
      t.match(left, { user: undefined, accountProofs: undefined, accountRole: undefined, cart: undefined })
      t.same((await sessions.listByUser('name:alice')).sessions, [])
    }
  )

  t.test(`${form}: after a proof the change of a slow request is kept`, async (t) => {
    const { sessions, id, next } = await open(t)
    const before = await started(sessions, id)
    await sessions.rotate(id, next, { before, stamp: proofs })
    t.ok(await sessions.update(id, { before, after: { ...before, colour: 'red' } }))
    t.match(await sessions.load(next), { user: 'alice', colour: 'red' })
    t.equal((await sessions.update(id, { before, after: { ...before, user: 'mallory' } })) && ids, undefined)
  })
}

t.test('of two regenerates at once both ids open the session, until one of them is used', async (t) => {
  const { sessions } = await openSessions(t)
  const id = newSessionId()
  const before = await started(sessions, id)
  const [one, other] = [renewedSessionId(id), renewedSessionId(id)]
  for (const next of [one, other])
    t.ok(await sessions.regenerate(id, next, { before, content: { cookie, user: 'alice' } }))
  t.match(await sessions.load(other), { user: 'alice', gen: 1 })
  t.same(await sessions.lookUp(one), { session: undefined, isSuperseded: true })
  const late = { before, content: { cookie, user: 'alice' } }
  t.equal(await sessions.regenerate(id, renewedSessionId(id), late), undefined, 'it was used meanwhile')
  t.match(await sessions.load(other), { user: 'alice' })
})

t.test('of both ids used at once one opens the session, and the other leads to it', async (t) => {
  const { sessions } = await openSessions(t)
  const id = newSessionId()
  const before = await started(sessions, id)
  const both = [renewedSessionId(id), renewedSessionId(id)]
  for (const next of both) await sessions.regenerate(id, next, { before, content: { cookie, user: 'alice' } })
  const found = await Promise.all(both.map((next) => sessions.lookUp(next)))
  const superseded = found.filter(({ session }) => session === undefined)
  t.same(superseded, [{ session: undefined, isSuperseded: true }])
})

t.test('a proof leaves no id of a regenerate beside it', async (t) => {
  const { sessions } = await openSessions(t)
  const id = newSessionId()
  const before = await started(sessions, id)
  const proved = renewedSessionId(id)
  await sessions.rotate(id, proved, { before, stamp: proofs })
  t.equal(await sessions.regenerate(id, renewedSessionId(id), { before, content: { cookie } }), undefined)
  t.match(await sessions.load(proved), { user: 'alice', cart: [1] })
})

t.test('a moved session leads on for ten minutes, and is not listed twice', async (t) => {
  const { sessions, at, rows } = await openSessions(t, { ids: 'plain' })
  const [id, next] = [newSessionId(), newSessionId()]
  const before = await started(sessions, id)
  await sessions.regenerate(id, next, { before, content: { cookie } })
  t.equal((await sessions.listByUser('name:alice')).sessions.length, 1)
  const pointer = rows().find(({ key }) => key === id)
  t.match(JSON.parse(String(pointer?.record)), { cookie, movedTo: next })
  at(10 * minute + 1)
  t.same(await sessions.lookUp(id), { session: undefined, isSuperseded: false })
})

t.test(
  'a sign-in leaves for a minute that the session before was its, and is known by no list',
  async (t) => {
    const { sessions, at, rows } = await openSessions(t)
    const [id, never] = [newSessionId(), newSessionId()]
    const before = await started(sessions, id)
    for (const each of [id, id, never, '']) await sessions.supersede(each)
    for (const each of [id, never])
      t.same(await sessions.lookUp(each), { session: undefined, isSuperseded: true })
    t.equal(await sessions.update(id, { before, after: { ...before, colour: 'red' } }), undefined)
    t.equal(await sessions.look(sessions.addressOf(id).key), undefined)
    t.same((await sessions.listByUser('name:alice')).sessions, [])
    t.equal(rows().length, 2)
    at(minute)
    t.same(await sessions.lookUp(id), { session: undefined, isSuperseded: false })
    await sessions.lookUp(never)
    t.same(rows(), [])
  }
)

t.test('a sign-in does not fail once the session before is over', async (t) => {
  const { sessions, store } = await openSessions(t)
  const id = newSessionId()
  await started(sessions, id)
  store.touch = async () => {
    throw new StorageError('The store', 'away')
  }
  await t.resolves(sessions.supersede(id))
  t.same(await sessions.lookUp(id), { session: undefined, isSuperseded: true })
})

t.test('a former id of a session ends it by no sign-in of somebody else', async (t) => {
  const { sessions } = await openSessions(t)
  const id = newSessionId()
  const next = renewedSessionId(id)
  await sessions.regenerate(id, next, { before: await started(sessions, id), content: { cookie } })
  await sessions.supersede(id)
  t.match(await sessions.load(next), { user: 'alice' })
})
