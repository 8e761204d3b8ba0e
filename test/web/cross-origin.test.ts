import t from 'tap'
import {
  type OriginHeaders,
  type OwnOrigins,
  type RequestSource,
  sourceOf
} from '../../src/web/cross-origin.ts'
import { parseOrigins } from '../../src/web/trusted-origins.ts'

const none: OriginHeaders = {
  site: undefined,
  origin: undefined,
  referer: undefined,
  protocol: 'http',
  host: 'localhost:3000'
}
const local: OwnOrigins = { publicUrl: undefined, trustedOrigins: [] }
const known: OwnOrigins = {
  publicUrl: new URL('https://login.example.org'),
  trustedOrigins: ['https://www.example.org']
}

const here = 'http://localhost:3000'
const evil = 'https://evil.example'

t.test('Sec-Fetch-Site decides if the browser sends it', async (t) => {
  for (const origin of [undefined, here, evil, 'null']) {
    for (const [site, source] of [
      ['same-origin', 'here'],
      ['none', 'here'],
      ['same-site', 'elsewhere'],
      ['cross-site', 'elsewhere'],
      ['Same-Origin', 'elsewhere'],
      ['same-origin, same-origin', 'elsewhere'],
      ['', 'elsewhere'],
      ['nonsense', 'elsewhere']
    ] as const) {
      t.equal(sourceOf({ ...none, site, origin }, local), source, `${site} from ${origin}`)
    }
  }
})

t.test('without Sec-Fetch-Site, Origin decides, or Referer if there is no Origin', async (t) => {
  const origins: [origin: string, source: RequestSource][] = [
    [here, 'here'],
    ['http://LOCALHOST:3000', 'here'],
    ['https://localhost:3000', 'elsewhere'],
    ['http://localhost', 'elsewhere'],
    ['http://localhost:3000.evil.example', 'elsewhere'],
    [`${here}, ${here}`, 'elsewhere'],
    [evil, 'elsewhere'],
    ['null', 'elsewhere'],
    ['', 'elsewhere'],
    ['file://', 'elsewhere']
  ]
  for (const [origin, source] of origins) {
    t.equal(sourceOf({ ...none, origin }, local), source, `Origin ${origin}`)
    t.equal(sourceOf({ ...none, origin, referer: `${here}/login` }, local), source, `Origin ${origin} first`)
    t.equal(sourceOf({ ...none, referer: origin }, local), source, `Referer ${origin}`)
  }
  t.equal(sourceOf({ ...none, referer: `${here}/login?next=%2F` }, local), 'here')
  t.equal(sourceOf({ ...none, referer: `${evil}/?${here}` }, local), 'elsewhere')
})

t.test('a default port makes no difference', async (t) => {
  t.equal(sourceOf({ ...none, host: 'localhost:80', origin: 'http://localhost' }, local), 'here')
  const https = { ...none, protocol: 'https', host: 'box.local' }
  t.equal(sourceOf({ ...https, origin: 'https://box.local:443' }, local), 'here')
})

t.test('a request without any of these headers counts as from here, whatever its host', async (t) => {
  for (const host of ['localhost:3000', 'evil.example', '', '][']) {
    t.equal(sourceOf({ ...none, host }, local), 'here', host)
    t.equal(sourceOf({ ...none, host }, known), 'here', host)
  }
})

t.test('with PUBLIC_URL only its origin is this site', async (t) => {
  for (const host of ['login.example.org', 'login.example.org:443', '127.0.0.1:3000', 'latchkey:3000']) {
    t.equal(sourceOf({ ...none, host, origin: 'https://login.example.org' }, known), 'here', host)
    t.equal(sourceOf({ ...none, host, origin: `http://${host}` }, known), 'elsewhere', host)
    t.equal(sourceOf({ ...none, host, site: 'same-origin' }, known), 'here', host)
  }
})

t.test('the sites in TRUSTED_ORIGINS may post here, and naming one is not enough', async (t) => {
  const from = (signs: Partial<OriginHeaders>) =>
    sourceOf({ ...none, host: 'login.example.org', ...signs }, known)
  t.equal(from({ site: 'same-site', origin: 'https://www.example.org' }), 'here')
  t.equal(from({ site: 'cross-site', origin: 'https://www.example.org' }), 'here')
  t.equal(from({ origin: 'https://www.example.org' }), 'here')
  t.equal(from({ origin: 'http://www.example.org' }), 'elsewhere')
  t.equal(from({ origin: 'https://www.example.org.evil.example' }), 'elsewhere')
  t.equal(from({ site: 'cross-site', origin: evil, referer: 'https://www.example.org/' }), 'elsewhere')
})

t.test('TRUSTED_ORIGINS names all sites below a name, apps and browser extensions', async (t) => {
  const trustedOrigins = parseOrigins(
    'https://*.example.org, https://*.dev.example:8443, capacitor://localhost, app://., chrome-extension://abcdefghijklmnop'
  )
  const from = (origin: string) =>
    sourceOf({ ...none, host: 'login.example.net', origin }, { ...known, trustedOrigins })
  for (const origin of [
    'https://www.example.org',
    'https://a.b.example.org',
    'https://a.dev.example:8443',
    'capacitor://localhost',
    'capacitor://localhost/index.html',
    'app://.',
    'chrome-extension://abcdefghijklmnop'
  ])
    t.equal(from(origin), 'here', origin)
  for (const origin of [
    'https://example.org',
    'https://wwwexample.org',
    'https://www.example.org.evil.example',
    'https://www.example.org:8443',
    'https://a.dev.example',
    'http://www.example.org',
    'other://www.example.org',
    'https://*.example.org.evil.example',
    'https://localhost',
    'http://localhost',
    'ionic://localhost',
    'capacitor://localhost:81',
    'app://..',
    'app://evil.example',
    'capacitor://localhost.evil.example',
    'chrome-extension://ponmlkjihgfedcba',
    'https://abcdefghijklmnop',
    'null',
    ''
  ])
    t.equal(from(origin), 'unknown-host', origin)
})

t.test('a public host name that is not PUBLIC_URL is not this site', async (t) => {
  for (const host of [
    'evil.example:3000',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evillocalhost.com',
    '192-168-1-5.evil.example',
    '][',
    ''
  ]) {
    const origin = `http://${host}`
    for (const own of [local, known]) {
      t.equal(sourceOf({ ...none, host, origin }, own), 'unknown-host', host)
      t.equal(sourceOf({ ...none, host, site: 'same-origin' }, own), 'unknown-host', host)
    }
  }
})

t.test('local names and addresses work without PUBLIC_URL', async (t) => {
  for (const host of [
    'localhost:3000',
    'app.localhost:3000',
    '127.0.0.1:3000',
    '[::1]:3000',
    '192.168.1.5:3000',
    '[fe80::1]:3000',
    '203.0.113.9',
    'latchkey:3000',
    'Box:3000',
    'box.local:3000',
    'box.lan',
    'latchkey.internal',
    'box.home.arpa'
  ]) {
    const origin = `http://${host.toLowerCase()}`
    t.equal(sourceOf({ ...none, host, origin }, local), 'here', host)
    t.equal(sourceOf({ ...none, host, origin, site: 'same-origin' }, local), 'here', host)
  }
})

t.test('an origin that is opaque or not of the web is nobody’s', async (t) => {
  for (const origin of [
    'null',
    '',
    'chrome-extension://abcdefghijklmnop',
    'other://localhost:3000',
    'data:,x'
  ])
    for (const protocol of ['http', 'https', 'other'])
      t.equal(sourceOf({ ...none, origin, protocol }, local), 'elsewhere', `${origin} ${protocol}`)
})
