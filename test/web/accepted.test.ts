import t from 'tap'
import { accepted, firstEntries } from '../../src/web/accepted.ts'

t.test('a header that browsers send is looked at whole', async (t) => {
  const header = 'de-CH,de;q=0.9,en-GB;q=0.8,en;q=0.7,fr;q=0.6'
  t.equal(firstEntries(header), header)
  t.equal(firstEntries(undefined), undefined)
  t.equal(accepted({ 'accept-language': header }).language(['fr', 'en']), 'en')
})

t.test('of a longer one the first whole entries', async (t) => {
  const many = Array.from({ length: 1000 }, (_, n) => `x-${n};q=0.5`)
  const first = firstEntries(many.join()) ?? ''
  t.ok(first.length <= 512 && first.length > 480)
  t.same(first.split(','), many.slice(0, first.split(',').length))
  t.equal(firstEntries('x'.repeat(513)), '')
  t.equal(firstEntries(`${'x'.repeat(512)},de`), 'x'.repeat(512))
})
