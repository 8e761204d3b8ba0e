import t from 'tap'
import { readConfig } from '../../../src/settings/config.ts'
import { faultsOf, refuses } from '../faults.ts'

const secret = 'a'.repeat(32)

t.test('every secret in PASSWORD_PEPPERS needs 32 characters, not only the first', async (t) => {
  t.same(readConfig({ PASSWORD_PEPPERS: `${secret}, ${'b'.repeat(32)}` }).passwordPeppers, [
    secret,
    'b'.repeat(32)
  ])
  t.match(faultsOf({ PASSWORD_PEPPERS: `${secret},short` }), [/has 5 characters in its second secret/])
})

t.test('REGISTRATION is first, open or closed', async (t) => {
  for (const value of ['first', 'open', 'closed'])
    t.equal(readConfig({ REGISTRATION: value }).registration, value)
  refuses(t, 'REGISTRATION', ['yes', 'Open'], 'one of first, open, closed')
})

t.test('AUDIT_RETENTION is a duration', async (t) => {
  t.equal(readConfig({ AUDIT_RETENTION: '365d' }).auditRetention, 365 * 86_400_000)
  refuses(t, 'AUDIT_RETENTION', ['forever'], 'a duration such as 45s, 30m, 12h or 30d, of at most 400d')
})

t.test('PASSWORD_MIN_LENGTH is a whole number from 8 to 64', async (t) => {
  t.equal(readConfig({ PASSWORD_MIN_LENGTH: '8' }).passwordMinLength, 8)
  t.equal(readConfig({ PASSWORD_MIN_LENGTH: '64' }).passwordMinLength, 64)
  refuses(t, 'PASSWORD_MIN_LENGTH', ['7', '65', '0', 'long'], 'a whole number from 8 to 64')
})

t.test("PASSWORD_HASH is an argon2id cost at or above OWASP's floor", async (t) => {
  const hash = (value: string) => readConfig({ PASSWORD_HASH: value }).passwordHash
  t.same(hash('m=47104,t=1,p=1'), { memoryKiB: 47_104, passes: 1, lanes: 1 })
  t.same(hash('m=19456,t=2,p=1'), { memoryKiB: 19_456, passes: 2, lanes: 1 })
  t.same(hash('m=12288,t=3,p=4'), { memoryKiB: 12_288, passes: 3, lanes: 4 })
  refuses(
    t,
    'PASSWORD_HASH',
    [
      'm=47103,t=1,p=1',
      'm=1048577,t=3,p=1',
      'm=19455,t=2,p=1',
      'm=12287,t=3,p=1',
      'm=65536,t=0,p=1',
      'm=65536,t=3,p=0',
      'strong'
    ],
    'an argon2id cost of at least m=19456,t=2,p=1 (or m=47104,t=1,p=1 or m=12288,t=3,p=1), and at most m=1048576'
  )
})

t.test('PASSKEY_DOMAIN is the host in PUBLIC_URL, or a domain that it is under', async (t) => {
  const of = (PASSKEY_DOMAIN: string, PUBLIC_URL = 'https://login.example.org') =>
    readConfig({ PASSKEY_DOMAIN, PUBLIC_URL }).passkeyDomain
  t.equal(of(''), undefined)
  t.equal(of('example.org'), 'example.org')
  const faults = (PASSKEY_DOMAIN: string, PUBLIC_URL: string) => faultsOf({ PASSKEY_DOMAIN, PUBLIC_URL })
  t.match(faults('example.com', 'https://login.example.org'), [
    /is example\.com, and PUBLIC_URL is not under it/
  ])
  t.match(faults('example.org', ''), [/PUBLIC_URL is not set, and PASSKEY_DOMAIN needs it/])
  refuses(
    t,
    'PASSKEY_DOMAIN',
    ['192.0.2.1', 'https://example.org'],
    'the domain in PUBLIC_URL, or one that it is under: example.org'
  )
})
