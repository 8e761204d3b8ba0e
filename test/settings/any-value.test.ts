import cookies from '@fastify/cookie'
import fc from 'fast-check'
import Fastify from 'fastify'
import pg from 'pg'
import t from 'tap'
import { styleOf } from '../../src/branding/branding.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { ConfigError } from '../../src/errors/errors.ts'
import { gateOrigins } from '../../src/gate/gate-hosts.ts'
import { openLanguages } from '../../src/i18n/languages.ts'
import { parseRedisAddress } from '../../src/redis/address.ts'
import { makeClient } from '../../src/redis/client.ts'
import { schemaController } from '../../src/server/schema-compilers.ts'
import { serverOptions } from '../../src/server/server-options.ts'
import { sessionCookie } from '../../src/sessions/cookie/session-cookie.ts'
import { type Config, readConfig } from '../../src/settings/config.ts'
import type { Environment } from '../../src/settings/environment.ts'
import { optionName } from '../../src/settings/option-names.ts'
import { type LatchkeyOptions, readOptions } from '../../src/settings/options.ts'
import { reportSettings } from '../../src/settings/report.ts'
import { settings } from '../../src/settings/settings.ts'
import { isHostName } from '../../src/web/host-names.ts'
import { secret } from '../build.ts'
import { strangeText } from '../strange-text.ts'

const runs = 200
const hunter2 = 'hunter2'

/** Plausible values of each setting: most generated texts are variations of these. */
const meant: Readonly<Record<string, readonly string[]>> = {
  PORT: ['3000', '0'],
  PUBLIC_URL: [
    'https://login.example.org',
    'https://example.org/auth',
    'http://[::1]:3000/',
    `https://me:${hunter2}@example.org`
  ],
  TRUSTED_ORIGINS: [
    'https://www.example.org, http://b.example:81',
    'https://*.example.org,capacitor://localhost',
    `https://me:${hunter2}@example.org`
  ],
  GATE_HOSTS: ['login.example.org:8443', 'login.example.org'],
  GATE_RULES: ['gate.yaml', 'texts'],
  COOKIE_DOMAIN: ['example.org', '.login.example.org', `${'x'.repeat(64)}.example.org`],
  PASSKEY_DOMAIN: ['example.org', 'Login.Example.org', 'localhost', '192.0.2.1'],
  TRUST_PROXY: ['10.0.0.0/8, fd00::/8', 'loopback,::1', 'fe80::1%eth0', '::ffff:10.0.0.1/104', 'false'],
  DATABASE_URL: [
    'file:./data/latchkey.db',
    `postgres://me:${hunter2}@db.example.org:5433/x?sslmode=verify-full`,
    `postgres://me@db.example.org/x?password=${hunter2}`,
    `postgres:///x?host=/run/postgresql&user=me&password=${hunter2}`
  ],
  REDIS_URL: [
    `redis://me:${hunter2}@localhost:6379/0`,
    `rediss://:${hunter2}%40@[::1]:6379/15?family=6`,
    `redis://:${hunter2}%SECRET@host`,
    `redis://localhost?password=${hunter2}`,
    'redis://localhost?retryStrategy=x&sentinels=x&tls=x&db=x',
    `redis-sentinel://me:${hunter2}@a:1,[::1]/0?sentinelPassword=${hunter2}#sessions`,
    `rediss-cluster://:${hunter2}@a:7000,b`
  ],
  REDIS_PREFIX: ['sess:', 'myapp:'],
  SESSION_SECRET: [`${hunter2}${secret}`, `${secret},${hunter2}`],
  SESSION_COOKIE: ['connect.sid', '__Host-sid'],
  SESSION_IDS: ['hashed', 'plain'],
  SESSION_CACHE: ['10000'],
  SESSION_CACHE_UNTRACKED: ['off', 'on'],
  SESSIONS_PER_ACCOUNT: ['0'],
  STORAGE_PATIENCE: ['500ms', '2s'],
  SESSION_IDLE: ['30m'],
  SESSION_LIFETIME: ['12h'],
  REMEMBER_IDLE: ['14d'],
  REMEMBER_LIFETIME: ['400d'],
  REGISTRATION: ['first', 'closed'],
  REGISTRATION_EMAIL: ['optional', 'required'],
  SECOND_FACTOR: ['admins', 'everybody'],
  PASSWORD_MIN_LENGTH: ['15'],
  PASSWORD_HASH: ['m=12288,t=3,p=1'],
  PASSWORD_PEPPERS: [`${hunter2}${secret}`, `${secret},${hunter2}`],
  DATA_KEYS: [`${hunter2}${secret}`, `${secret},${hunter2}`],
  MAIL_URL: [
    `smtps://me:${hunter2}@mail.example.org:465`,
    `smtp://me:${hunter2}@localhost:25?starttls=optional`,
    'file:./mail',
    'off'
  ],
  MAIL_FROM: ['no-reply@example.org', 'Example, Inc. <no-reply@bücher.example>'],
  MAIL_NOTICES: ['sign-ins, administration', 'required'],
  UV_THREADPOOL_SIZE: ['4'],
  LANGUAGES: ['de,en', 'pt-BR', 'x-private', 'en-u-nu-latn'],
  AUDIT_RETENTION: ['90d'],
  TEXTS: ['texts', 'texts/en.json'],
  SITE_NAME: ['Latchkey', 'Ours'],
  SITE_LOGO: ['logo.svg', 'texts/x.png'],
  SITE_COLOR: ['#2f5d50', '#fff'],
  VIEWS: ['texts', '.'],
  METRICS_LISTEN: [
    '127.0.0.1:9464',
    '[::1]:0',
    'localhost:9464',
    '[fe80::1%eth0]:1',
    '/run/latchkey/metrics.sock'
  ],
  METRICS_TOKEN: [`${hunter2}${secret}`, `${secret},${hunter2}`],
  MAX_STALL: ['2s', '400d'],
  LOG_LEVEL: ['info', 'silent']
}

/** Texts that break parsers. */
const nasty = fc.oneof(
  fc.constantFrom(
    ...'% %zz %00 %ff %40 %2f [ ] [::1] { } @ : / // ? # & = , ; | $ \\ " \' ` - + . .. * *. /99 /08'.split(
      ' '
    ),
    ...'1e999 0x1f -1 NaN null __proto__ constructor ß İ １'.split(' '),
    ...' \n\r\t\0\x1b\x9b\u00a0\u2028\u202e\ufeff\ud800'.split(''),
    ...['9'.repeat(40), 'x'.repeat(300)]
  ),
  fc.oneof(strangeText({ maxLength: 12 }), fc.bigInt().map(String), fc.double().map(String))
)

/** A plausible value with something inserted or replaced, or any text. */
function textsFor(name: string): fc.Arbitrary<string> {
  const near = fc
    .record({
      text: fc.constantFrom(...(meant[name] ?? [''])),
      at: fc.nat(),
      gone: fc.nat({ max: 2 }),
      nasty
    })
    .map(({ text, at, gone, nasty }) => {
      const from = at % (text.length + 1)
      return text.slice(0, from) + nasty + text.slice(from + gone)
    })
  return fc.oneof({ weight: 6, arbitrary: near }, { weight: 1, arbitrary: nasty })
}

t.test('this test knows every setting', async (t) => {
  t.same(Object.keys(meant).sort(), settings.map(({ name }) => name).sort())
})

for (const setting of settings) {
  const { name } = setting
  t.test(`any value of ${name} is usable, or refused in a sentence that reveals no secret`, async (t) => {
    t.chdir(
      t.testdir({
        texts: { 'en.json': '{}' },
        'logo.svg': '<svg/>',
        'gate.yaml': 'login.example.org: family'
      })
    )
    const property = fc.asyncProperty(textsFor(name), async (text) => {
      const environment = { SESSION_SECRET: secret, ...publicUrlFor(name, text), [name]: text }
      await soundly(name, () => readConfig(environment))
      if (setting.group !== 'server')
        await soundly(optionName(name), () => readOptions(optionsOf(environment)))
      if (setting.secret) showsNoSecret(environment)
    })
    const examples: [string][] = (meant[name] ?? []).map((text) => [text])
    await fc.assert(property, { numRuns: runs, examples })
    t.pass()
  })
}

t.test('an option may have any value', async (t) => {
  const anything = fc.oneof(
    fc.anything({ withNullPrototype: true, withBigInt: true }),
    fc.constant(Symbol('x'))
  )
  const options = settings.map(({ name }) => optionName(name))
  const name = fc.constantFrom(...options, 'home', 'keepAtSignIn')
  t.chdir(t.testdir({}))
  const property = fc.asyncProperty(name, anything, async (option, value) => {
    await soundly(option, () => readOptions({ [option]: value } as LatchkeyOptions))
  })
  await fc.assert(property, { numRuns: 10 * runs })
})

t.test('an impossible path is reported when it is opened', async (t) => {
  for (const file of ['a\0b', `${t.testdir({})}/${'x'.repeat(300)}`, t.testdir({})])
    await t.rejects(openSqlite(file), {
      code: 'LATCHKEY_CONFIG',
      message: /DATABASE_URL is "file:.+ cannot be opened/
    })
})

/** @param read returns a usable configuration, or throws sentences about this setting */
async function soundly(name: string, read: () => Config): Promise<void> {
  const config = outcomeOf(read)
  if (!(config instanceof ConfigError)) return use(config)
  if (config.faults.length === 0) throw new Error('Refused without a word')
  for (const fault of config.faults) {
    if (fault.includes(hunter2)) throw new Error(`It shows the secret: ${fault}`)
    if (/(?! )[\p{C}\p{Z}]/u.test(fault)) throw new Error(`No line: ${JSON.stringify(fault)}`)
    if (!/^[\w.]+ .{10,}$/.test(fault) || fault.length > 1500) throw new Error(`No sentence: ${fault}`)
    if (
      /undefined|\[object|(Type|Range|Syntax)Error|ERR_|Cannot read prop/.test(fault.replaceAll(/".*"/g, ''))
    )
      throw new Error(`No sentence: ${fault}`)
    if (!fault.includes(name) && !/SESSION_SECRET|sessionSecret/.test(fault))
      throw new Error(`About ${name}? ${fault}`)
  }
}

function outcomeOf(read: () => Config): Config | ConfigError {
  try {
    return read()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

/** What the start does with it, except connecting. */
async function use(config: Config): Promise<void> {
  await answer(config)
  gateOrigins(config)
  if (config.branding.color) styleOf(config.branding.color)
  await speak(config)
  if (config.redisUrl) makeClient(parseRedisAddress(config.redisUrl), config.storagePatience).disconnect()
  if (config.database.kind === 'postgres') canBeRead(config.database.url)
}

const spoken = new Set<string>()

/** Opens the texts: once for each distinct value that works. */
async function speak({ languages, texts }: Config): Promise<void> {
  const key = JSON.stringify([languages, texts])
  if (spoken.has(key)) return
  await openLanguages({ asked: languages, own: texts })
  spoken.add(key)
}

const answered = new Set<string>()

/** With cookie and proxies: once for each distinct value. */
async function answer(config: Config): Promise<void> {
  const { name, attributes } = sessionCookie(config)
  const key = JSON.stringify([name, attributes, config.trustProxy, config.logLevel])
  if (answered.has(key)) return
  answered.add(key)
  const app = Fastify({ ...serverOptions(config), schemaController, logger: false })
  await app.register(cookies)
  app.get('/', (_, reply) => reply.setCookie(name, 'x', attributes).send())
  const { statusCode } = await app.inject({ url: '/', headers: { 'x-forwarded-for': '10.0.0.1' } })
  if (statusCode !== 200) throw new Error(`The cookie is answered with ${statusCode}`)
  await app.close()
}

/** Opening it would report that in a sentence: see openPostgres. */
function canBeRead(connectionString: string): void {
  try {
    new pg.Client({ connectionString })
  } catch (error) {
    if (String(error).includes(hunter2)) throw error
  }
}

function showsNoSecret(environment: Environment): void {
  const shown = JSON.stringify(reportSettings({ environment, file: {}, lost: [] }))
  if (shown.includes(hunter2)) throw new Error(`latchkey settings shows it: ${shown}`)
}

/** The PUBLIC_URL that a cookie domain needs. */
function publicUrlFor(name: string, text: string): Environment {
  if (name !== 'COOKIE_DOMAIN' && name !== 'GATE_HOSTS') return {}
  const under = `https://login.${text.replace(/^\./, '')}`
  const canBe = name === 'COOKIE_DOMAIN' && URL.canParse(under) && isHostName(new URL(under).hostname)
  return { PUBLIC_URL: canBe ? new URL(under).origin : 'https://login.example.org' }
}

function optionsOf(environment: Environment): LatchkeyOptions {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [optionName(name), value]))
}
