import t from 'tap'
import { acceptedLanguages, acceptsHtml, firstEntries } from '../../src/web/accepted.ts'

t.test('a header that browsers send is looked at whole', async (t) => {
  const header = 'de-CH,de;q=0.9,en-GB;q=0.8,en;q=0.7,fr;q=0.6'
  t.equal(firstEntries(header), header)
  t.equal(firstEntries(undefined), undefined)
  t.same(acceptedLanguages(header, ['fr', 'en']), ['en', 'fr'])
  t.same(acceptedLanguages(header), ['de-CH', 'de', 'en-GB', 'en', 'fr'])
  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
  t.same(
    [browser, '*/*', 'application/json', 'text/html;q=0.5, application/json', undefined].map(acceptsHtml),
    [...[true, false, false, false, false]]
  )
})

t.test('of a longer one the first whole entries', async (t) => {
  const many = Array.from({ length: 1000 }, (_, n) => `x-${n};q=0.5`)
  const first = firstEntries(many.join()) ?? ''
  t.ok(first.length <= 512 && first.length > 480)
  t.same(first.split(','), many.slice(0, first.split(',').length))
  t.equal(firstEntries('x'.repeat(513)), '')
  t.equal(firstEntries(`${'x'.repeat(512)},de`), 'x'.repeat(512))
})
