import t from 'tap'
import { mergeChange } from '../../src/sessions/record-change.ts'

const cookie = { originalMaxAge: null }

t.test('keys that others set meanwhile stay, beside ours', async (t) => {
  const change = { before: { cookie }, after: { cookie, ours: 1 } }
  t.same(mergeChange(change, { cookie, theirs: 2 }), { cookie, theirs: 2, ours: 1 })
})

t.test('of one key the later value counts, whole', async (t) => {
  const change = { before: { cookie, cart: { a: 1 } }, after: { cookie, cart: { a: 1, b: 2 } } }
  t.same(mergeChange(change, { cookie, cart: { a: 1, c: 3 } }), { cookie, cart: { a: 1, b: 2 } })
})

t.test('a key that others deleted and we did not touch is not revived', async (t) => {
  const change = { before: { cookie, flash: 'x' }, after: { cookie, flash: 'x', ours: 1 } }
  t.same(mergeChange(change, { cookie }), { cookie, ours: 1 })
})

t.test('a key that we deleted is gone', async (t) => {
  const change = { before: { cookie, flash: 'x' }, after: { cookie } }
  t.same(mergeChange(change, { cookie, flash: 'x', theirs: [] }), { cookie, theirs: [] })
})
