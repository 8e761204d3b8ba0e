import t from 'tap'
import { possibleDomains } from '../../../src/sessions/cookie/several-cookies.ts'

t.test('a cookie may have been set for the host and each parent domain of two labels or more', async (t) => {
  t.same(possibleDomains('App.example.org:8443'), [undefined, 'app.example.org', 'example.org'])
  for (const host of ['localhost', '127.0.0.1', '[::1]:3000', 'a..org', '', 'app.example.org/x'])
    t.same(possibleDomains(host), [undefined], host)
})

t.test('of a host with thousands of labels only the short domains are made', async (t) => {
  // All of them would need 10 GB.
  const domains = possibleDomains(`${'a.'.repeat(100_000)}example.org`)
  t.equal(domains.length, 9)
  t.equal(domains[1], 'a.a.a.a.a.a.a.example.org')
  t.equal(domains.at(-1), 'example.org')
})
