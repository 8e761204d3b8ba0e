import { availableParallelism } from 'node:os'
import { inspect } from 'node:util'
import t from 'tap'
import { ConfigError } from '../../src/errors/errors.ts'
import { readConfig } from '../../src/settings/config.ts'
import { faultsOf } from './faults.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

t.test('without any settings everything has a safe default', async (t) => {
  const { report: _, ...values } = readConfig({})
  t.same(values, {
    port: 3000,
    publicUrl: undefined,
    trustedOrigins: [],
    gateHosts: [],
    cookieDomain: undefined,
    cookieName: undefined,
    trustProxy: false,
    database: { kind: 'sqlite', file: './data/latchkey.db' },
    redisUrl: undefined,
    redisPrefix: 'sess:',
    sessionSecrets: [],
    sessionIds: 'hashed',
    sessionsPerAccount: 100,
    sessionCache: 10_000,
    sessionCacheUntracked: 'off',
    registration: 'first',
    registrationEmail: 'off',
    secondFactor: 'optional',
    lifetimes: { idle: 30 * minute, absolute: 12 * hour, rememberIdle: 14 * day, rememberAbsolute: 30 * day },
    passwordMinLength: 15,
    passwordHash: { memoryKiB: 12_288, passes: 3, lanes: 1 },
    passwordPeppers: [],
    dataKeys: [],
    mailUrl: undefined,
    mailFrom: undefined,
    mailNotices: ['sign-ins', 'administration'],
    threads: 4,
    maxConcurrentHashes: Math.max(1, Math.min(availableParallelism() - 1, 3)),
    languages: [],
    texts: new Map(),
    auditRetention: 90 * 86_400_000,
    views: undefined,
    branding: { name: 'Latchkey', logo: undefined, color: undefined },
    metricsAddress: undefined,
    metricsTokens: [],
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
    'REGISTRATION_EMAIL',
    'SESSION_IDLE',
    'SESSION_LIFETIME',
    'REMEMBER_IDLE',
    'REMEMBER_LIFETIME',
    'PASSWORD_MIN_LENGTH',
    'PASSWORD_HASH',
    'PASSWORD_PEPPERS',
    'DATA_KEYS',
    'MAIL_URL',
    'MAIL_FROM',
    'MAIL_NOTICES',
    'UV_THREADPOOL_SIZE',
    'LOG_LEVEL'
  ]
  t.same(readConfig(Object.fromEntries(names.map((name) => [name, '']))), readConfig({}))
  t.equal(readConfig({ PORT: ' 8080 ' }).port, 8080)
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
    REGISTRATION_EMAIL: 'x',
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

t.test('a ConfigError is printed as its sentences, without a stack trace', async (t) => {
  const error = new ConfigError(['PORT is wrong', 'LOG_LEVEL is wrong'])
  t.match(inspect(error), ':\n  - PORT is wrong\n  - LOG_LEVEL is wrong')
  t.notMatch(inspect(error), /\n +at |code|faults/)
  t.equal(error.code, 'LATCHKEY_CONFIG')
})
