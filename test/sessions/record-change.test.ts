import t from 'tap'
import { handedOver, isHandover, mergeChange } from '../../src/sessions/record-change.ts'

const cookie = { originalMaxAge: null }

t.test('keys set concurrently by others are kept', async (t) => {
  const change = { before: { cookie }, after: { cookie, ours: 1 } }
  t.same(mergeChange(change, { cookie, theirs: 2 }), { cookie, theirs: 2, ours: 1 })
})

t.test('if both changed a key, the later value replaces it entirely', async (t) => {
  const change = { before: { cookie, cart: { a: 1 } }, after: { cookie, cart: { a: 1, b: 2 } } }
  t.same(mergeChange(change, { cookie, cart: { a: 1, c: 3 } }), { cookie, cart: { a: 1, b: 2 } })
})

t.test('a key deleted by others is not revived if we did not change it', async (t) => {
  const change = { before: { cookie, flash: 'x' }, after: { cookie, flash: 'x', ours: 1 } }
  t.same(mergeChange(change, { cookie }), { cookie, ours: 1 })
})

t.test('a key deleted by us is gone', async (t) => {
  const change = { before: { cookie, flash: 'x' }, after: { cookie } }
  t.same(mergeChange(change, { cookie, flash: 'x', theirs: [] }), { cookie, theirs: [] })
})

t.test('a change brings no reserved field along', async (t) => {
  const before = { cookie, startedAt: 1, gen: 2 }
  const copied = { startedAt: 9, gen: 9, accountRole: 'admin', accountProofs: { password: 9 } } as const
  const change = { before, after: { cookie, ...copied, ours: 1 } }
  t.same(mergeChange(change, { ...before, theirs: 1 }), { ...before, theirs: 1, ours: 1 })
})

t.test('a session that passes to another user starts anew, without role and proof', async (t) => {
  const alices = {
    cookie,
    user: 'alice',
    startedAt: 1,
    accountRole: 'admin',
    accountProofs: { password: 5 }
  } as const
  const bobs = { ...alices, user: 'bob' }
  t.equal(isHandover({ before: alices, after: bobs }), true)
  t.same(handedOver(bobs, 9), { cookie, user: 'bob', startedAt: 9, gen: 1 })
  t.same(handedOver({ ...bobs, gen: 4 }, 9), { cookie, user: 'bob', startedAt: 9, gen: 5 })
})
