import { availableParallelism } from 'node:os'
import t from 'tap'
import { readConfig } from '../../../src/settings/config.ts'
import { refuses } from '../faults.ts'

t.test('PORT is a whole number from 0 to 65535', async (t) => {
  t.equal(readConfig({ PORT: '0' }).port, 0)
  t.equal(readConfig({ PORT: '65535' }).port, 65_535)
  refuses(t, 'PORT', ['65536', '-1', '80.5', '1e3', '0x50', 'http'], 'a whole number from 0 to 65535')
})

t.test('TRUST_PROXY takes addresses and networks, but not everybody or a number of hops', async (t) => {
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

t.test('concurrent hashes leave a core and a thread free', async (t) => {
  const cores = availableParallelism()
  const atOnce = (UV_THREADPOOL_SIZE: string, lanes = 1) =>
    readConfig({ UV_THREADPOOL_SIZE, PASSWORD_HASH: `m=19456,t=2,p=${lanes}` }).maxConcurrentHashes
  t.equal(atOnce('1024'), Math.max(1, cores - 1))
  t.equal(atOnce('1024', 99), 1)
  t.equal(atOnce('2'), 1)
  t.equal(atOnce('1'), 1)
  refuses(t, 'UV_THREADPOOL_SIZE', ['0', '1025', 'many'], 'a whole number from 1 to 1024')
})

t.test('METRICS_LISTEN is an address with a port, or the path of a Unix socket', async (t) => {
  const listen = (value: string) => readConfig({ METRICS_LISTEN: value }).metricsAddress
  t.equal(listen(''), undefined)
  t.same(listen('127.0.0.1:9464'), { host: '127.0.0.1', port: 9464 })
  t.same(listen('[::1]:0'), { host: '::1', port: 0 })
  t.same(listen('localhost:9464'), { host: 'localhost', port: 9464 })
  t.same(listen('/run/latchkey/metrics.sock'), { path: '/run/latchkey/metrics.sock' })
  const rule =
    'an address and a port, or the path of a Unix socket of at most 103 bytes: ' +
    '127.0.0.1:9464, [::1]:9464, /run/latchkey/metrics.sock'
  const wrong = [
    '9464',
    ':9464',
    '::1:9464',
    '[::1]',
    '127.0.0.1:65536',
    'db.example.org:9464',
    'metrics.sock'
  ]
  refuses(t, 'METRICS_LISTEN', [...wrong, `/${'a'.repeat(103)}`], rule)
})

t.test('METRICS_TOKEN has 32 characters or more', async (t) => {
  t.same(readConfig({ METRICS_TOKEN: `${'a'.repeat(32)}, ${'b'.repeat(32)}` }).metricsTokens.length, 2)
  t.throws(() => readConfig({ METRICS_TOKEN: 'a'.repeat(31) }), {
    message: /METRICS_TOKEN has 31 characters/
  })
})

t.test('MAX_STALL is a duration', async (t) => {
  t.equal(readConfig({ MAX_STALL: '5s' }).maxStall, 5000)
  refuses(t, 'MAX_STALL', ['0', '2000'], 'a duration such as 45s, 30m, 12h or 30d, of at most 400d')
})

t.test("LOG_LEVEL is one of pino's", async (t) => {
  for (const value of ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) {
    t.equal(readConfig({ LOG_LEVEL: value }).logLevel, value)
  }
  refuses(t, 'LOG_LEVEL', ['verbose'], 'one of fatal, error, warn, info, debug, trace, silent')
})
