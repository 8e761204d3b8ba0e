import { availableParallelism } from 'node:os'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { ConfigError } from '../../src/errors/errors.ts'
import { readConfig } from '../../src/settings/config.ts'
import { type Environment, readEnvironment } from '../../src/settings/environment.ts'

const secret = 'a'.repeat(32)
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

function faultsOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

/** Each value is refused with one sentence that has the setting, the value and the rule. */
function refuses(t: Test, name: string, values: string[], rule: string) {
  for (const value of values) {
    t.same(faultsOf({ [name]: value }), [`${name} is "${value}", it must be ${rule}`], `${name}=${value}`)
  }
}

t.test('without any settings everything has a safe default', async (t) => {
  t.same(readConfig({}), {
    port: 3000,
    publicUrl: undefined,
    trustedOrigins: [],
    gateHosts: [],
    cookieDomain: undefined,
    cookieName: undefined,
    trustProxy: false,
    database: { kind: 'sqlite', file: './data/latchkey.db' },
    redisUrl: undefined,
    sessionSecrets: [],
    sessionIds: 'hashed',
    sessionCache: 10_000,
    registration: 'first',
    lifetimes: { idle: 30 * minute, absolute: 12 * hour, rememberIdle: 14 * day, rememberAbsolute: 30 * day },
    passwordMinLength: 15,
    passwordHash: { memoryKiB: 12_288, passes: 3, lanes: 1 },
    passwordPeppers: [],
    threads: 4,
    maxConcurrentHashes: Math.max(1, Math.min(availableParallelism() - 1, 3)),
    languages: [],
    texts: new Map(),
    auditRetention: 90 * 86_400_000,
    views: undefined,
    branding: { name: 'Latchkey', logo: undefined, color: undefined },
    metricsReaders: ['loopback'],
    maxStall: 2000,
    storagePatience: 500,
    logLevel: 'info',
    warnings: []
  })
})

t.test('an empty setting counts as not set, and spaces around one are ignored', async (t) => {
  const names = [
    'PORT',
    'PUBLIC_URL',
    'TRUSTED_ORIGINS',
    'GATE_HOSTS',
    'COOKIE_DOMAIN',
    'TRUST_PROXY',
    'DATABASE_URL',
    'REDIS_URL',
    'SESSION_SECRET',
    'REGISTRATION',
    'SESSION_IDLE',
    'SESSION_LIFETIME',
    'REMEMBER_IDLE',
    'REMEMBER_LIFETIME',
    'PASSWORD_MIN_LENGTH',
    'PASSWORD_HASH',
    'PASSWORD_PEPPERS',
    'UV_THREADPOOL_SIZE',
    'LOG_LEVEL'
  ]
  t.same(readConfig(Object.fromEntries(names.map((name) => [name, '']))), readConfig({}))
  t.equal(readConfig({ PORT: ' 8080 ' }).port, 8080)
})

t.test('PORT is a whole number from 0 to 65535', async (t) => {
  t.equal(readConfig({ PORT: '0' }).port, 0)
  t.equal(readConfig({ PORT: '65535' }).port, 65_535)
  refuses(t, 'PORT', ['65536', '-1', '80.5', '1e3', '0x50', 'http'], 'a whole number from 0 to 65535')
})

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

t.test('TRUSTED_ORIGINS is sites, each without a path', async (t) => {
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

t.test(
  'GATE_HOSTS is hosts of apps, with a port or a whole domain of them where that is meant',
  async (t) => {
    const env = { PUBLIC_URL: 'https://login.example.org', COOKIE_DOMAIN: 'example.org' }
    t.same(
      readConfig({ ...env, GATE_HOSTS: 'App.example.org, wiki.example.org:8443,*.dev.example.org' })
        .gateHosts,
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
  }
)

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

t.test('COOKIE_DOMAIN and GATE_HOSTS demand a PUBLIC_URL whose cookie reaches every app', async (t) => {
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

t.test('TRUST_PROXY is addresses and networks, never everybody or a number of hops', async (t) => {
  const trust = (value: string) => readConfig({ TRUST_PROXY: value }).trustProxy
  t.equal(trust('false'), false)
  t.same(trust('127.0.0.1'), ['127.0.0.1'])
  t.same(trust('10.0.0.0/8, fd00::/8,loopback'), ['10.0.0.0/8', 'fd00::/8', 'loopback'])
  t.same(trust('linklocal,uniquelocal,::1'), ['linklocal', 'uniquelocal', '::1'])
  refuses(
    t,
    'TRUST_PROXY',
    [
      'true',
      '1',
      '*',
      '10.0.0.0/33',
      '0.0.0.0/0',
      '0.0.0.0/1',
      '::/0',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '::1/129',
      'proxy.local',
      'fe80::1%eth0',
      '10.0.0.1,'
    ],
    'the addresses of the proxies in front: 127.0.0.1, 10.0.0.0/8, loopback, uniquelocal'
  )
})

t.test('DATABASE_URL is a file or a PostgreSQL', async (t) => {
  const database = (value: string) =>
    readConfig({ DATABASE_URL: value, REDIS_URL: 'redis://localhost', SESSION_SECRET: secret }).database
  t.same(database('file:/var/lib/latchkey.db'), { kind: 'sqlite', file: '/var/lib/latchkey.db' })
  t.same(database('file::memory:'), { kind: 'sqlite', file: ':memory:' })
  for (const url of [
    'postgres://localhost/latchkey',
    'postgresql://me:p%40ss@db.example.org:5433/latchkey?sslmode=verify-full',
    'postgres:///latchkey?host=/run/postgresql'
  ]) {
    t.same(database(url), { kind: 'postgres', url })
  }
  refuses(
    t,
    'DATABASE_URL',
    [
      './data/latchkey.db',
      'file:',
      'sqlite:x.db',
      'postgres:',
      'postgres://',
      'postgres:///latchkey',
      'postgres://localhost/100%'
    ],
    'a file, such as file:./data/latchkey.db, or an address such as postgres://latchkey@localhost/latchkey'
  )
  for (const DATABASE_URL of ['postgres://localhost:x/latchkey', 'postgres://localhost:123456/latchkey'])
    t.match(faultsOf({ DATABASE_URL }), [
      /^DATABASE_URL is no address of a database, it must be a file, such as/
    ])
})

t.test('PostgreSQL in DATABASE_URL demands REDIS_URL and SESSION_SECRET', async (t) => {
  const DATABASE_URL = 'postgres://localhost/latchkey'
  const faults = faultsOf({ DATABASE_URL })
  t.equal(faults.length, 2)
  t.equal(
    faults[0],
    'REDIS_URL is not set, and with PostgreSQL in DATABASE_URL there is no embedded database to keep sessions in: set it, such as redis://localhost:6379'
  )
  t.match(faults[1], /^SESSION_SECRET is not set/)
  t.match(faultsOf({ DATABASE_URL, REDIS_URL: 'x', SESSION_SECRET: secret }), [
    /^REDIS_URL is no address of a Redis/
  ])
})

t.test('REDIS_URL is a Redis, the Sentinels of one, or a Cluster', async (t) => {
  const redis = (value: string) => readConfig({ REDIS_URL: value, SESSION_SECRET: secret }).redisUrl
  for (const value of [
    'redis://localhost:6379',
    'rediss://:pw@redis.example.org/1',
    'redis-sentinel://a,b,c/0#sessions',
    'rediss-cluster://a:7000,b:7000'
  ]) {
    t.equal(redis(value), value)
  }
  const rule = 'it must be written like redis://user:password@localhost:6379/0'
  for (const value of ['localhost:6379', 'http://localhost', 'redis', 'redis://a,b']) {
    t.same(faultsOf({ REDIS_URL: value, SESSION_SECRET: secret }), [
      `REDIS_URL is no address of a Redis, ${rule}`
    ])
  }
})

t.test('REDIS_URL demands SESSION_SECRET, and says how to make one', async (t) => {
  t.same(faultsOf({ REDIS_URL: 'redis://localhost' }), [
    'SESSION_SECRET is not set, and with REDIS_URL every machine needs the same one: make one with "openssl rand -hex 32"'
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

t.test('every secret in PASSWORD_PEPPERS needs 32 characters, not only the first', async (t) => {
  t.same(readConfig({ PASSWORD_PEPPERS: `${secret}, ${'b'.repeat(32)}` }).passwordPeppers, [
    secret,
    'b'.repeat(32)
  ])
  t.match(faultsOf({ PASSWORD_PEPPERS: `${secret},short` }), [/has 5 characters in its second secret/])
})

t.test('a secret that is refused is not shown', async (t) => {
  t.notMatch(faultsOf({ SESSION_SECRET: 'hunter2-hunter2' }).join(), 'hunter2')
})

t.test('REGISTRATION is first, open or closed', async (t) => {
  for (const value of ['first', 'open', 'closed'])
    t.equal(readConfig({ REGISTRATION: value }).registration, value)
  refuses(t, 'REGISTRATION', ['yes', 'Open'], 'one of first, open, closed')
})

t.test('SESSION_CACHE is a number of sessions, which may be none', async (t) => {
  t.equal(readConfig({ SESSION_CACHE: '0' }).sessionCache, 0)
  t.same(faultsOf({ SESSION_CACHE: 'off' }), [
    'SESSION_CACHE is "off", it must be a whole number from 0 to 1000000'
  ])
})

t.test('SESSION_IDS is hashed or plain', async (t) => {
  t.equal(readConfig({ SESSION_IDS: 'plain' }).sessionIds, 'plain')
  t.same(faultsOf({ SESSION_IDS: 'raw' }), ['SESSION_IDS is "raw", it must be one of hashed, plain'])
})

t.test('LANGUAGES are tags separated by commas, in the usual spelling', async (t) => {
  const TEXTS = t.testdir({ 'pt-BR.json': '{}' })
  t.same(readConfig({ LANGUAGES: 'DE, pt-br', TEXTS }).languages, ['de', 'pt-BR'])
  refuses(t, 'LANGUAGES', ['en;de', 'english language', ','], 'languages, such as en,de')
})

t.test('a language that nobody has written is refused with those there are', async (t) => {
  t.throws(() => readConfig({ LANGUAGES: 'de, tlh' }), {
    code: 'LATCHKEY_CONFIG',
    message: 'LANGUAGES names tlh, and there are only en, de'
  })
})

t.test('TEXTS is a folder', async (t) => {
  t.same([...readConfig({ TEXTS: t.testdir({ 'DE.json': '{}' }) }).texts.keys()], ['de'])
  refuses(t, 'TEXTS', ['nowhere'], 'a folder with texts, such as ./texts')
})

t.test('SITE_NAME is a short line, SITE_COLOR a colour, SITE_LOGO a picture', async (t) => {
  const folder = t.testdir({ 'logo.PNG': '', 'large.svg': ' '.repeat(256 * 1024 + 1), 'logo.txt': '' })
  const { branding } = readConfig({ SITE_NAME: 'Ours', SITE_COLOR: '#F0a', SITE_LOGO: `${folder}/logo.PNG` })
  t.same(branding, {
    name: 'Ours',
    color: '#ff00aa',
    logo: { file: `${folder}/logo.PNG`, kind: 'png', mediaType: 'image/png' }
  })
  t.match(faultsOf({ SITE_NAME: 'x'.repeat(41) }), [/it may have up to 40 characters in one line/])
  t.match(faultsOf({ SITE_NAME: 'two\nlines' }), [/in one line/])
  refuses(t, 'SITE_COLOR', ['green', '#12345', 'url(x)'], 'a colour such as #2f5d50')
  refuses(t, 'SITE_LOGO', [`${folder}/logo.txt`], 'a picture: svg, png, jpg, webp, avif')
  t.match(faultsOf({ SITE_LOGO: `${folder}/none.svg` }), [/there is no such file/])
  t.match(faultsOf({ SITE_LOGO: `${folder}/large.svg` }), [/more than 256 KiB/])
})

t.test('AUDIT_RETENTION is a duration', async (t) => {
  t.equal(readConfig({ AUDIT_RETENTION: '365d' }).auditRetention, 365 * 86_400_000)
  refuses(t, 'AUDIT_RETENTION', ['forever'], 'a duration such as 45s, 30m, 12h or 30d, of at most 400d')
})

t.test('the four lifetimes are durations from a second to 400 days', async (t) => {
  const { lifetimes } = readConfig({
    SESSION_IDLE: '45s',
    SESSION_LIFETIME: '90m',
    REMEMBER_IDLE: '36h',
    REMEMBER_LIFETIME: '400d'
  })
  t.same(lifetimes, {
    idle: 45_000,
    absolute: 90 * minute,
    rememberIdle: 36 * hour,
    rememberAbsolute: 400 * day
  })
  for (const name of ['SESSION_IDLE', 'SESSION_LIFETIME', 'REMEMBER_IDLE', 'REMEMBER_LIFETIME']) {
    refuses(
      t,
      name,
      ['30', '0s', '401d', '1.5h', '-1h', '1w', '1h30m', '30 m', '999999999d'],
      'a duration such as 45s, 30m, 12h or 30d, of at most 400d'
    )
  }
})

t.test('PASSWORD_MIN_LENGTH is a whole number from 8 to 64', async (t) => {
  t.equal(readConfig({ PASSWORD_MIN_LENGTH: '8' }).passwordMinLength, 8)
  t.equal(readConfig({ PASSWORD_MIN_LENGTH: '64' }).passwordMinLength, 64)
  refuses(t, 'PASSWORD_MIN_LENGTH', ['7', '65', '0', 'long'], 'a whole number from 8 to 64')
})

t.test('passwords are hashed on a core each, and leave a core and a thread to everything else', async (t) => {
  const cores = availableParallelism()
  const atOnce = (UV_THREADPOOL_SIZE: string, lanes = 1) =>
    readConfig({ UV_THREADPOOL_SIZE, PASSWORD_HASH: `m=19456,t=2,p=${lanes}` }).maxConcurrentHashes
  t.equal(atOnce('1024'), Math.max(1, cores - 1))
  t.equal(atOnce('1024', 99), 1)
  t.equal(atOnce('2'), 1)
  t.equal(atOnce('1'), 1)
  refuses(t, 'UV_THREADPOOL_SIZE', ['0', '1025', 'many'], 'a whole number from 1 to 1024')
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

t.test('METRICS is off or who may read', async (t) => {
  const readers = (value: string) => readConfig({ METRICS: value }).metricsReaders
  t.same(readers('off'), [])
  t.same(readers('10.1.2.3, fd00::/8,loopback'), ['10.1.2.3', 'fd00::/8', 'loopback'])
  const rule = 'off or the addresses of those who may read: 127.0.0.1, 10.0.0.0/8, loopback, uniquelocal'
  refuses(t, 'METRICS', ['on', '0.0.0.0/0', 'everybody', '9464', 'loopback,'], rule)
})

t.test('MAX_STALL is a duration', async (t) => {
  t.equal(readConfig({ MAX_STALL: '5s' }).maxStall, 5000)
  refuses(t, 'MAX_STALL', ['0', '2000'], 'a duration such as 45s, 30m, 12h or 30d, of at most 400d')
})

t.test('VIEWS is a folder that is there', async (t) => {
  const folder = t.testdir({ views: {}, file: '' })
  t.equal(readConfig({ VIEWS: `${folder}/views` }).views, `${folder}/views`)
  refuses(t, 'VIEWS', [`${folder}/nowhere`, `${folder}/file`], 'a folder with Eta views, such as ./views')
})

t.test("LOG_LEVEL is one of pino's", async (t) => {
  for (const value of ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) {
    t.equal(readConfig({ LOG_LEVEL: value }).logLevel, value)
  }
  refuses(t, 'LOG_LEVEL', ['verbose'], 'one of fatal, error, warn, info, debug, trace, silent')
})

t.test('every fault is reported at once', async (t) => {
  const wrong = {
    PORT: 'x',
    PUBLIC_URL: 'x',
    TRUST_PROXY: 'x',
    DATABASE_URL: 'x',
    REDIS_URL: 'x',
    SESSION_SECRET: 'x',
    REGISTRATION: 'x',
    SESSION_IDLE: 'x',
    SESSION_LIFETIME: 'x',
    REMEMBER_IDLE: 'x',
    REMEMBER_LIFETIME: 'x',
    PASSWORD_MIN_LENGTH: 'x',
    PASSWORD_HASH: 'x',
    LOG_LEVEL: 'x'
  }
  const faults = faultsOf(wrong)
  t.same(faults.map((fault) => fault.split(' ')[0]).sort(), Object.keys(wrong).sort())
})

t.test('a password in an address is never shown', async (t) => {
  const addresses = [
    'postgres://user:hunter2@db.example.org/x',
    'postgres://user:x:hunter2@db.example.org/x',
    'postgres://user:x/hunter2@db.example.org/x',
    'postgres://user:hunter2@x@db.example.org/x',
    'postgres://:hunter2@db.example.org/x',
    'postgres://user:hun\nter2@db example.org/x'
  ]
  for (const address of addresses) {
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'PUBLIC_URL']) {
      const [fault = ''] = faultsOf({ [name]: address })
      t.match(fault, name)
      t.notMatch(fault.replaceAll('\n', ''), 'hunter2', `${name}=${address}`)
    }
  }
})

t.test('nor one in an address of PostgreSQL that is mistyped', async (t) => {
  for (const rest of ['user:hunter2', 'user:hunter2/x', 'h1:x?password=hunter2', ':hunter2'])
    for (const scheme of ['postgres://', 'postgres:/', 'postgres:'])
      t.notMatch(faultsOf({ DATABASE_URL: scheme + rest }).join(), 'hunter2', scheme + rest)
})

t.test('nor one in an address of Redis that is mistyped', async (t) => {
  const mistyped = [
    'user:hunter2',
    ':hunter2',
    'user:hunter2@',
    ':x/hunter2@h1',
    ':hunter2@h1,h2:x',
    ':%hunter2@h1'
  ]
  for (const rest of [...mistyped, 'h1?sentinelpassword=hunter2', 'h1/hunter2@h1']) {
    for (const scheme of ['redis', 'rediss', 'redis-sentinel', 'rediss-cluster', 'redis-other']) {
      const faults = faultsOf({ REDIS_URL: `${scheme}://${rest}`, SESSION_SECRET: secret })
      t.notMatch(faults.join(), 'hunter2', `${scheme}://${rest}`)
    }
  }
})

t.test('a ConfigError is printed as its sentences, without a stack', async (t) => {
  const error = new ConfigError(['PORT is wrong', 'LOG_LEVEL is wrong'])
  t.match(inspect(error), ':\n  - PORT is wrong\n  - LOG_LEVEL is wrong')
  t.notMatch(inspect(error), /\n +at |code|faults/)
  t.equal(error.code, 'LATCHKEY_CONFIG')
})

t.test('the variables of the process win over those in .env', async (t) => {
  t.chdir(t.testdir({ '.env': '# a comment\nPORT=4000\nLATCHKEY_ONLY_IN_FILE="from the file"\n' }))
  const before = process.env.PORT
  process.env.PORT = '5000'
  t.teardown(() => {
    if (before === undefined) delete process.env.PORT
    else process.env.PORT = before
  })
  t.match(readEnvironment(), { PORT: '5000', LATCHKEY_ONLY_IN_FILE: 'from the file' })
})

t.test('what only Node reads, and not from .env, is not taken from there', async (t) => {
  t.chdir(t.testdir({ '.env': 'UV_THREADPOOL_SIZE=64\n' }))
  t.equal(readEnvironment().UV_THREADPOOL_SIZE, process.env.UV_THREADPOOL_SIZE)
})

t.test('.env need not exist', async (t) => {
  t.chdir(t.testdir({}))
  t.same(readEnvironment(), { ...process.env })
})

t.test('a .env that cannot be read is a ConfigError', async (t) => {
  t.chdir(t.testdir({ '.env': {} }))
  t.throws(readEnvironment, { code: 'LATCHKEY_CONFIG', message: /\.env cannot be read: EISDIR/ })
})

t.test('SESSION_COOKIE is a name that browsers keep here', async (t) => {
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

t.test('a line of .env that sets nothing is a fault, with its number', async (t) => {
  const lines = [
    '# a comment',
    '',
    '  ',
    'SITE_NAME="two',
    'lines # of it"',
    'SESSION_IDLE: 10m',
    'export PORT=1',
    'oops'
  ]
  t.chdir(t.testdir({ '.env': lines.join('\n') }))
  const sentences = [6, 8].map((number) => `line ${number} of .env sets nothing: write NAME=value`)
  t.throws(() => readEnvironment(), new ConfigError(sentences))
})

t.test('STORAGE_PATIENCE is a short duration', async (t) => {
  t.equal(readConfig({ STORAGE_PATIENCE: '100ms' }).storagePatience, 100)
  t.equal(readConfig({ STORAGE_PATIENCE: '60s' }).storagePatience, 60_000)
  const wrong = ['0', '500', '99ms', '61s', '60001ms', '1m', '0.5s', '500 ms', 'ms']
  refuses(t, 'STORAGE_PATIENCE', wrong, 'a duration from 100ms to 60s, such as 500ms or 2s')
})
