import t from 'tap'
import { readConfig } from '../../../src/settings/config.ts'
import type { Environment } from '../../../src/settings/environment.ts'
import { faultsOf, refuses } from '../faults.ts'

const secret = 'a'.repeat(32)

t.test('COOKIE_DOMAIN is a domain of more than one label', async (t) => {
  const domain = (value: string) =>
    readConfig({ PUBLIC_URL: 'https://login.example.org', COOKIE_DOMAIN: value }).cookieDomain
  t.equal(domain('Example.org'), 'example.org')
  t.equal(domain('.example.org'), 'example.org', 'the older spelling')
  t.equal(domain('login.example.org'), 'login.example.org')
  refuses(
    t,
    'COOKIE_DOMAIN',
    [
      'org',
      'localhost',
      '*.example.org',
      '127.0.0.1',
      'example.org:80',
      'https://example.org',
      'example.org.',
      `${'x'.repeat(64)}.example.org`
    ],
    'a domain of your own with a dot in it, such as example.org'
  )
})

t.test('COOKIE_DOMAIN and GATE_HOSTS need a PUBLIC_URL whose cookie reaches every app', async (t) => {
  const PUBLIC_URL = 'https://login.example.org'
  for (const env of [{ COOKIE_DOMAIN: 'example.org' }, { GATE_HOSTS: 'app.example.org' }]) {
    t.match(faultsOf(env), [/^PUBLIC_URL is not set, and GATE_HOSTS and COOKIE_DOMAIN need it: set it/])
  }
  for (const COOKIE_DOMAIN of ['example.com', 'app.login.example.org', 'le.org', 'in.example.org']) {
    t.match(faultsOf({ PUBLIC_URL, COOKIE_DOMAIN }), [/^COOKIE_DOMAIN is .+ PUBLIC_URL is not under it/])
  }
  const unreached = (env: Environment) =>
    faultsOf({ PUBLIC_URL, ...env }).map((fault) => /^GATE_HOSTS has (\S+),/.exec(fault)?.[1])
  t.same(unreached({ GATE_HOSTS: 'app.example.org, login.example.org:8443, *.login.example.org' }), [
    'app.example.org',
    '*.login.example.org'
  ])
  const COOKIE_DOMAIN = 'example.org'
  t.same(unreached({ COOKIE_DOMAIN, GATE_HOSTS: 'a.example.org:81, *.example.org, example.org' }), [])
  t.same(unreached({ COOKIE_DOMAIN, GATE_HOSTS: 'notexample.org, a.example.com, *.org' }), [
    'notexample.org',
    'a.example.com',
    '*.org'
  ])
})

t.test('every secret in SESSION_SECRET needs 32 characters, not only the first', async (t) => {
  t.same(readConfig({ SESSION_SECRET: secret }).sessionSecrets, [secret])
  t.same(readConfig({ SESSION_SECRET: `${secret}, ${'b'.repeat(40)}` }).sessionSecrets, [
    secret,
    'b'.repeat(40)
  ])
  const rule = 'it needs 32 or more: make one with "openssl rand -hex 32"'
  t.same(faultsOf({ SESSION_SECRET: 'c'.repeat(31) }), [`SESSION_SECRET has 31 characters, ${rule}`])
  t.same(faultsOf({ SESSION_SECRET: `short,${secret}` }), [
    `SESSION_SECRET has 5 characters in its first secret, ${rule}`
  ])
  t.same(faultsOf({ SESSION_SECRET: `${secret},short` }), [
    `SESSION_SECRET has 5 characters in its second secret, ${rule}`
  ])
  t.same(faultsOf({ SESSION_SECRET: `${secret},${secret},${secret},` }), [
    `SESSION_SECRET has 0 characters in its 4th secret, ${rule}`
  ])
})

t.test('SESSION_COOKIE is a cookie name that browsers accept here', async (t) => {
  t.equal(readConfig({ SESSION_COOKIE: 'connect.sid' }).cookieName, 'connect.sid')
  t.match(faultsOf({ SESSION_COOKIE: 'a;b' }), [/^SESSION_COOKIE is "a;b", it must be the name of a cookie/])
  t.match(faultsOf({ SESSION_COOKIE: '__Host-sid' }), [
    /^SESSION_COOKIE is __Host-sid, and PUBLIC_URL is not https/
  ])
  const https = { PUBLIC_URL: 'https://login.example.org' }
  t.equal(readConfig({ ...https, SESSION_COOKIE: '__Host-sid' }).cookieName, '__Host-sid')
  const domain = { ...https, COOKIE_DOMAIN: 'example.org' }
  t.match(faultsOf({ ...domain, SESSION_COOKIE: '__Host-sid' }), [/COOKIE_DOMAIN is set/])
})
