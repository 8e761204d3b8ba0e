import t from 'tap'
import { readConfig } from '../../../src/settings/config.ts'
import { refuses } from '../faults.ts'

t.test('PUBLIC_URL is an http or https address without a path', async (t) => {
  t.equal(
    readConfig({ PUBLIC_URL: 'https://login.example.org' }).publicUrl?.origin,
    'https://login.example.org'
  )
  t.equal(readConfig({ PUBLIC_URL: 'http://localhost:3000/' }).publicUrl?.origin, 'http://localhost:3000')
  refuses(
    t,
    'PUBLIC_URL',
    [
      'login.example.org',
      'ftp://example.org',
      'https://example.org/app',
      'https://example.org/?a=b',
      'https://'
    ],
    'the address people open, such as https://login.example.org'
  )
})

t.test('TRUSTED_ORIGINS takes sites without a path', async (t) => {
  t.same(readConfig({ TRUSTED_ORIGINS: 'https://www.example.org, http://intranet:8080/' }).trustedOrigins, [
    'https://www.example.org',
    'http://intranet:8080'
  ])
  refuses(
    t,
    'TRUSTED_ORIGINS',
    ['null', '*', 'www.example.org', 'https://a.example/path', 'https://a.example,', 'ftp://a.example'],
    'the addresses of sites, such as https://www.example.org'
  )
})

t.test('GATE_HOSTS takes hosts with an optional port, or all hosts of a domain', async (t) => {
  const env = { PUBLIC_URL: 'https://login.example.org', COOKIE_DOMAIN: 'example.org' }
  t.same(
    readConfig({ ...env, GATE_HOSTS: 'App.example.org, wiki.example.org:8443,*.dev.example.org' }).gateHosts,
    ['app.example.org', 'wiki.example.org:8443', '*.dev.example.org']
  )
  t.same(readConfig({ ...env, GATE_HOSTS: 'bücher.example.org' }).gateHosts, ['xn--bcher-kva.example.org'])
  refuses(
    t,
    'GATE_HOSTS',
    [
      '*',
      '*.',
      'a.*.example.org',
      'https://app.example.org',
      'app.example.org/',
      'app.example.org,',
      'app.example.org:x',
      'app.example.org:123456',
      'me@app.example.org',
      'app..example.org',
      'app.example.org.'
    ],
    'hosts of apps: app.example.org, app.example.org:8443, *.example.org'
  )
})
