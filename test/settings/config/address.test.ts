import t from 'tap'
import { readConfig } from '../../../src/settings/config.ts'
import { refuses } from '../faults.ts'

t.test('PUBLIC_URL is an http or https address, perhaps with a plain path', async (t) => {
  t.equal(
    readConfig({ PUBLIC_URL: 'https://login.example.org' }).publicUrl?.origin,
    'https://login.example.org'
  )
  t.equal(readConfig({ PUBLIC_URL: 'http://localhost:3000/' }).publicUrl?.origin, 'http://localhost:3000')
  const { publicUrl } = readConfig({ PUBLIC_URL: 'https://example.org/auth/sign-in/' })
  t.equal(publicUrl?.pathname, '/auth/sign-in/')
  refuses(
    t,
    'PUBLIC_URL',
    [
      'login.example.org',
      'ftp://example.org',
      'https://example.org/a b',
      'https://example.org/caf%C3%A9',
      'https://example.org//app',
      'https://example.org/app#top',
      'https://example.org/?a=b',
      'https://*.example.org',
      'https://.example.org',
      'https://'
    ],
    'the address people open, such as https://login.example.org or https://example.org/auth'
  )
})

t.test('TRUSTED_ORIGINS takes origins: of sites, of all below a name, of apps and extensions', async (t) => {
  const extension = 'safari-web-extension://1A2B3C4D-0000-4000-8000-0123456789AB'
  t.same(
    readConfig({
      TRUSTED_ORIGINS: `https://www.example.org, http://intranet:8080/,HTTPS://*.Bücher.example:8443,http://[::1], ${extension},capacitor://localhost/,http://*.localhost`
    }).trustedOrigins,
    [
      'https://www.example.org',
      'http://intranet:8080',
      'https://*.xn--bcher-kva.example:8443',
      'http://[::1]',
      extension.toLowerCase(),
      'capacitor://localhost',
      'http://*.localhost'
    ]
  )
  refuses(
    t,
    'TRUSTED_ORIGINS',
    [
      'null',
      '*',
      'www.example.org',
      'https://*',
      'https://*.org',
      'https://*.192.0.2.1',
      'https://a.*.example.org',
      'https://*a.example.org',
      'https://.example.org',
      'https://a.example/path',
      'https://a.example,',
      'ftp://a.example',
      'file:///',
      'data:,x',
      'chrome-extension://*',
      'chrome-extension://*.abcdefghijklmnop',
      'chrome-extension://abcdefghijklmnop/page.html',
      'capacitor://'
    ],
    'the origins of sites or apps: https://www.example.org, https://*.example.org, capacitor://localhost'
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
