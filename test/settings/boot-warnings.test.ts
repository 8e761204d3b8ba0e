import t from 'tap'
import english from '../../src/i18n/languages/en.ts'
import { openLanguages } from '../../src/i18n/languages.ts'
import {
  cookieWarnings,
  gateWarnings,
  movedPasskeysWarning,
  redisWarnings,
  textWarnings
} from '../../src/settings/boot-warnings.ts'
import { build, log } from '../build.ts'

const quiet = { publicUrl: undefined, trustProxy: false, address: '127.0.0.1' } as const
const https = new URL('https://login.example.org')
const behindProxy = ['10.0.0.1']

t.test('nothing is logged if cookies arrive and cannot be read', async (t) => {
  t.same(cookieWarnings(quiet), [])
  t.same(cookieWarnings({ ...quiet, address: '::1' }), [])
  t.same(cookieWarnings({ ...quiet, publicUrl: https, trustProxy: behindProxy, address: '0.0.0.0' }), [])
  for (const local of [
    'http://localhost:3000',
    'http://127.0.0.1',
    'http://[::1]:80',
    'http://a.localhost'
  ]) {
    t.same(cookieWarnings({ ...quiet, publicUrl: new URL(local) }), [], local)
  }
})

t.test('passkeys of before a move are named, and what to do (case 14)', async (t) => {
  t.equal(
    movedPasskeysWarning('login.example.org', { publicUrl: new URL('https://id.example.org') }),
    'There are passkeys for login.example.org, which do not work at https://id.example.org. Their owners sign in another way and add new ones, or PUBLIC_URL moves back.'
  )
  t.match(
    movedPasskeysWarning('example.org', { publicUrl: https }),
    'do not work at https://login.example.org. Set PASSKEY_DOMAIN to example.org.'
  )
  t.match(movedPasskeysWarning('example.org', { publicUrl: undefined }), 'http://localhost')
})

t.test('https without a trusted proxy: nobody could sign in', async (t) => {
  t.match(cookieWarnings({ ...quiet, publicUrl: https }), [/nobody can sign in.*Set TRUST_PROXY/])
})

t.test('a trusted proxy without https: cookies can be read', async (t) => {
  const exposed = { ...quiet, trustProxy: behindProxy }
  t.match(cookieWarnings(exposed), [/^TRUST_PROXY is set and PUBLIC_URL is not https/])
  t.match(cookieWarnings({ ...exposed, publicUrl: new URL('http://localhost') }), [/^TRUST_PROXY is set/])
})

t.test('plain http on another host: passwords and cookies can be read', async (t) => {
  for (const host of ['login.example.org', '192.168.1.4', 'localhost.example.org']) {
    const publicUrl = new URL(`http://${host}`)
    t.match(cookieWarnings({ ...quiet, publicUrl }), [`PUBLIC_URL is http://${host}: passwords and cookies`])
    t.equal(cookieWarnings({ ...quiet, publicUrl, trustProxy: behindProxy }).length, 1, 'logged once')
  }
})

t.test('listening on other addresses without PUBLIC_URL is plain http too', async (t) => {
  for (const address of ['0.0.0.0', '::', '192.168.1.4']) {
    t.match(cookieWarnings({ ...quiet, address }), [
      `The service listens on ${address} and PUBLIC_URL is not set`
    ])
  }
})

t.test('a gate without a trusted proxy sends nobody to sign in', async (t) => {
  const gateHosts = ['app.example.org']
  t.match(gateWarnings({ gateHosts, trustProxy: false }), [/^GATE_HOSTS is set and TRUST_PROXY is not/])
  t.same(gateWarnings({ gateHosts, trustProxy: behindProxy }), [])
  t.same(gateWarnings({ gateHosts: [], trustProxy: false }), [])
})

t.test('a language from TEXTS reports how many texts it lacks', async (t) => {
  const { login, ...rest } = english
  const own = new Map<string, object>([
    ['fr', english],
    ['he', { ...rest, login: { ...login, title: undefined } }],
    ['de', { login: { title: 'Hereinspaziert' } }]
  ])
  t.same(textWarnings(await openLanguages({ own })), [
    'The language he lacks 1 text, which is shown in English: add it to he.json in TEXTS.'
  ])
  t.same(textWarnings(await openLanguages({ own, asked: ['fr', 'de'] })), [], 'only the languages in use')

  const TEXTS = t.testdir({ 'pt-BR.json': '{ "login": { "title": "Entrar" } }' })
  const app = await build(t, { env: { TEXTS, DATABASE_URL: 'file::memory:' } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const warnings = log.lines.map((line) => JSON.parse(line).msg).filter((msg) => /^The language/.test(msg))
  t.match(warnings, [/^The language pt-BR lacks \d{3} texts, which are shown in English/])
})

t.test('a misspelt setting is logged when the service starts', async (t) => {
  const app = await build(t, { env: { AUDIT_RETENTON: '10d', DATABASE_URL: 'file::memory:' } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const warnings = log.lines.map((line) => JSON.parse(line).msg)
  t.ok(warnings.includes('AUDIT_RETENTON is not a setting and has no effect. Did you mean AUDIT_RETENTION?'))
})

t.test('nothing is logged about a durable or unknown Redis', async (t) => {
  t.same(redisWarnings({}), [])
  t.same(redisWarnings({ evictionPolicy: 'noeviction', appendsToFile: true, takesSnapshots: false }), [])
  t.same(redisWarnings({ takesSnapshots: false }), [])
})

t.test('every policy but noeviction can drop sessions', async (t) => {
  for (const evictionPolicy of ['allkeys-lru', 'allkeys-random', 'volatile-lru', 'volatile-ttl']) {
    t.match(redisWarnings({ evictionPolicy }), [`(maxmemory-policy is ${evictionPolicy})`])
  }
})

t.test('a Redis without an append-only file can lose everything or the latest changes', async (t) => {
  const appendsToFile = false
  t.match(redisWarnings({ appendsToFile, takesSnapshots: false }), [/^Redis keeps nothing on disk/])
  t.match(redisWarnings({ otherInstallation: 'id' }), [/Set REDIS_PREFIX/])
  t.match(redisWarnings({ appendsToFile, takesSnapshots: true }), [/the last sign-ins are lost/])
  t.match(redisWarnings({ appendsToFile }), [/does not write every change/], 'even if CONFIG is forbidden')
})

t.test('a Redis that refuses tracking is asked at every request', async (t) => {
  t.match(redisWarnings({ refusesTracking: 'NOPERM' }), [
    /\(NOPERM\): every request reads.*Allow CLIENT TRACKING/
  ])
  t.match(redisWarnings({ refusesTracking: 'NOPERM', keepsUntracked: true }), [/for up to a second/])
})
