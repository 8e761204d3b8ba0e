import t from 'tap'
import { mergeChange } from '../../src/sessions/record-change.ts'

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
