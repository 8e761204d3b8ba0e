import t from 'tap'
import { readConfig } from '../../../src/settings/config.ts'
import { faultsOf, refuses } from '../faults.ts'

const secret = 'a'.repeat(32)

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

t.test('DATABASE_URL is a file or a PostgreSQL address', async (t) => {
  const database = (value: string) =>
    readConfig({ DATABASE_URL: value, REDIS_URL: 'redis://localhost', SESSION_SECRET: secret }).database
  t.same(database('file:/var/lib/latchkey.db'), { kind: 'sqlite', file: '/var/lib/latchkey.db' })
  t.same(database('file::memory:'), { kind: 'sqlite', file: ':memory:' })
  for (const url of [
    'postgres://localhost/latchkey',
    'postgresql://me:p%40ss@db.example.org:5433/latchkey?sslmode=verify-full',
    'postgres:///latchkey?host=/run/postgresql',
    'postgres://me:p%40ss@/latchkey?host=/run/postgresql',
    'postgresql://me@%2Frun%2Fpostgresql/latchkey'
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
      'postgres://one,two/latchkey',
      'postgres://localhost/100%'
    ],
    'a file, such as file:./data/latchkey.db, or an address such as postgres://latchkey@localhost/latchkey'
  )
  for (const DATABASE_URL of [
    'postgres://localhost:x/latchkey',
    'postgres://localhost:123456/latchkey',
    'postgres://me@/latchkey',
    'postgres://me@/latchkey?host='
  ])
    t.match(faultsOf({ DATABASE_URL }), [
      /^DATABASE_URL is not a database address, it must be a file, such as/
    ])
})

t.test('PostgreSQL in DATABASE_URL needs REDIS_URL and SESSION_SECRET', async (t) => {
  const DATABASE_URL = 'postgres://localhost/latchkey'
  const faults = faultsOf({ DATABASE_URL })
  t.equal(faults.length, 2)
  t.equal(
    faults[0],
    'REDIS_URL is not set, and with PostgreSQL in DATABASE_URL there is no embedded database to store sessions in: set it, such as redis://localhost:6379'
  )
  t.match(faults[1], /^SESSION_SECRET is not set/)
  t.match(faultsOf({ DATABASE_URL, REDIS_URL: 'x', SESSION_SECRET: secret }), [
    /^REDIS_URL is not a Redis address/
  ])
})

t.test('SECOND_FACTOR needs DATA_KEYS where there is no embedded database that has a key', async (t) => {
  const stores = { DATABASE_URL: 'postgres://localhost/latchkey', REDIS_URL: 'redis://localhost' }
  const all = { ...stores, SESSION_SECRET: secret, SECOND_FACTOR: 'everybody' }
  t.match(faultsOf(all), [/^SECOND_FACTOR is everybody, and DATA_KEYS is not set/])
  t.same(faultsOf({ ...all, DATA_KEYS: secret }), [])
  t.same(faultsOf({ ...all, SECOND_FACTOR: 'optional' }), [])
  t.same(faultsOf({ SECOND_FACTOR: 'everybody' }), [])
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
      `REDIS_URL is not a Redis address, ${rule}`
    ])
  }
})

t.test('REDIS_URL needs SESSION_SECRET, and the sentence says how to make one', async (t) => {
  t.same(faultsOf({ REDIS_URL: 'redis://localhost' }), [
    'SESSION_SECRET is not set, and with REDIS_URL every machine needs the same one: make one with "openssl rand -hex 32"'
  ])
})

t.test('SESSION_CACHE is a number of sessions, zero too', async (t) => {
  t.equal(readConfig({ SESSION_CACHE: '0' }).sessionCache, 0)
  t.same(faultsOf({ SESSION_CACHE: 'off' }), [
    'SESSION_CACHE is "off", it must be a whole number from 0 to 1000000'
  ])
})

t.test('SESSION_IDS is hashed or plain', async (t) => {
  t.equal(readConfig({ SESSION_IDS: 'plain' }).sessionIds, 'plain')
  t.same(faultsOf({ SESSION_IDS: 'raw' }), ['SESSION_IDS is "raw", it must be one of hashed, plain'])
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

t.test('STORAGE_PATIENCE is a short duration', async (t) => {
  t.equal(readConfig({ STORAGE_PATIENCE: '100ms' }).storagePatience, 100)
  t.equal(readConfig({ STORAGE_PATIENCE: '60s' }).storagePatience, 60_000)
  const wrong = ['0', '500', '99ms', '61s', '60001ms', '1m', '0.5s', '500 ms', 'ms']
  refuses(t, 'STORAGE_PATIENCE', wrong, 'a duration from 100ms to 60s, such as 500ms or 2s')
})
