import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ConfigError } from '../../src/errors/errors.ts'
import { outageOf } from '../../src/errors/store-refusal.ts'
import { connectRedis } from '../../src/redis/connect.ts'
import { openSessionStore } from '../../src/sessions/stores/open-store.ts'
import { readConfig } from '../../src/settings/config.ts'
import { secret } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { freePort } from '../servers/free-port.ts'
import { patience, patientSettings } from '../servers/patience.ts'
import { makeCertificate } from '../servers/proxies.ts'
import { askRedis, startRedis } from '../servers/redis.ts'
import { startRedisProcess } from '../servers/redis-process.ts'
import { sentinelRights } from '../servers/redis-user.ts'

/** For servers that say nothing. */
const shortPatience = 200
/** Redis tells at least so much of the path of a socket. */
const toldOfPath = 40
/** Near the root: the path of a socket has at most 107 bytes. */
const folder = mkdtempSync(join(tmpdir(), 'latchkey-redis-'))
t.teardown(() => rmSync(folder, { recursive: true }))
makeCertificate(folder)
const socket = join(folder, 'redis.sock')
const tlsPort = await freePort()
const server = await startRedis(
  t,
  ...['--databases', '4', '--unixsocket', socket, '--unixsocketperm', '777'],
  ...['--tls-port', `${tlsPort}`, '--tls-auth-clients', 'no'],
  ...['--tls-cert-file', join(folder, 'fullchain.pem'), '--tls-key-file', join(folder, 'privkey.pem')]
)
const { port } = server
await server.ask('ACL', 'SETUSER', 'alice', 'on', '>p%w', '~*', '&*', '+@all')
await server.ask('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '&*', '+@all', '-@write', '-select')
await server.ask('ACL', 'SETUSER', 'gone', 'off', '>pw', '~*', '&*', '+@all')
await server.ask('ACL', 'SETUSER', 'default', 'resetpass', '>pw')
/** As the user of all rights. */
async function admin(command: string, ...args: string[]) {
  const redis = await connectRedis(`redis://:pw@127.0.0.1:${port}`, { onLost() {}, onBack() {} }, patience)
  try {
    return await redis.call(command, ...args)
  } finally {
    redis.disconnect()
  }
}

async function open(t: Test, url: string, waits = patience) {
  const told: string[] = []
  const listener = {
    onLost: (error: Error) => void told.push(outageOf('Redis', error)),
    onBack: () => void told.push('back')
  }
  const redis = await connectRedis(url, listener, waits)
  t.teardown(() => redis.disconnect())
  return { redis, told }
}

async function refuses(t: Test, url: string, reason: string | RegExp, waits = patience) {
  const error: unknown = await open(t, url, waits).catch((error) => error)
  if (!(error instanceof ConfigError)) return t.fail(`${url}: ${error}`)
  const [fault = ''] = error.faults
  t.match(fault.replace('REDIS_URL names a Redis that refuses: ', ''), reason, url)
  t.notMatch(fault, /:pw|p%w|p%25w|wrong-password/)
  t.equal(error.faults.length, 1)
}

t.test('a Unix socket, with a user, a password and a database', async (t) => {
  for (const [url, database] of [
    [`unix://alice:p%25w@${socket}?db=3`, '3'],
    [`unix://:pw@${socket}`, '0']
  ] as const) {
    const { redis, told } = await open(t, url)
    await redis.set(`in ${database}`, 'x')
    t.match(await redis.client('INFO'), new RegExp(`laddr=${socket.slice(0, toldOfPath)}.* db=${database} `))
    t.same(told, [])
  }
})

t.test('a server that refuses stops the start, with its reason', async (t) => {
  const at = `127.0.0.1:${port}`
  const wrongPassword = 'WRONGPASS invalid username-password pair or user is disabled'
  await refuses(t, `redis://${at}`, /^NOAUTH /)
  await refuses(t, `redis://:wrong-password@${at}`, wrongPassword)
  await refuses(t, `redis://gone:pw@${at}`, wrongPassword)
  await refuses(t, `unix://alice:wrong-password@${socket}`, wrongPassword)
  await refuses(t, `redis://:pw@${at}/9`, 'ERR DB index is out of range')
  await refuses(t, `redis://reader:pw@${at}/1`, /^NOPERM .*'select'/)
  await refuses(t, `rediss://:pw@127.0.0.1:${tlsPort}`, /^TLS fails: (self-signed|unable to verify)/)
  await refuses(t, `redis://:pw@127.0.0.1:${tlsPort}`, 'it speaks TLS: write rediss://')
  await refuses(t, `rediss://:pw@${at}`, 'it speaks no TLS: write redis://', 5000)
  await refuses(t, `redis-cluster://:pw@${at}`, 'ERR This instance has cluster support disabled')
  await refuses(t, `redis-cluster://:wrong-password@${at}`, wrongPassword)
})

t.test('what is no Redis refuses, and a path that can be no socket', async (t) => {
  const web = createHttpServer((_, response) => response.end())
  web.listen(0, '127.0.0.1')
  await once(web, 'listening')
  t.teardown(() => web.close())
  const at = `127.0.0.1:${(web.address() as AddressInfo).port}`
  await refuses(t, `redis://${at}`, 'it is no Redis')
  await refuses(t, `rediss://${at}`, /^TLS fails: (wrong version number|packet length too long|http request)/)
  await refuses(t, `unix:/${'x'.repeat(120)}`, /EINVAL|ENAMETOOLONG/)
  await refuses(t, `unix:${join(folder, 'privkey.pem')}/redis.sock`, /ENOTDIR/)
})

t.test('a Cluster behind redis:// refuses a database, and Sentinels a name and a password', async (t) => {
  const [cluster, sentinel] = [await freePort(), await freePort()]
  const common = (port: number) => ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  await startRedisProcess(t, cluster, [...common(cluster), '--cluster-enabled', 'yes'])
  await refuses(t, `redis://127.0.0.1:${cluster}/1`, 'ERR SELECT is not allowed in cluster mode')
  const file = join(folder, 'sentinel.conf')
  const settings = [`port ${sentinel}`, 'bind 127.0.0.1', `sentinel monitor main 127.0.0.1 ${port} 1`]
  writeFileSync(file, settings.join('\n'))
  await startRedisProcess(t, sentinel, [file, '--sentinel'])
  await refuses(t, `redis-sentinel://:pw@127.0.0.1:${sentinel}#other`, 'ERR No such master with that name')
  await refuses(t, `redis-sentinel://:wrong-password@127.0.0.1:${sentinel}#main`, /^WRONGPASS/)
  const { redis } = await open(t, `redis-sentinel://:pw@127.0.0.1:${sentinel}#main`)
  t.equal(await redis.ping(), 'PONG')
  await askRedis(sentinel, 'ACL', 'SETUSER', 'latchkey', 'on', '>of-sentinels', '-@all', ...sentinelRights)
  await askRedis(sentinel, 'ACL', 'LOG', 'RESET')
  const asUser = `redis-sentinel://:pw@127.0.0.1:${sentinel}?sentinelUsername=latchkey&sentinelPassword=of-sentinels#main`
  t.equal(await (await open(t, asUser)).redis.ping(), 'PONG')
  await eventually('a subscription', async () => {
    const clients = String(await askRedis(sentinel, 'CLIENT', 'LIST'))
    return /sub=2 .*user=latchkey/.test(clients)
  })
  t.same(await askRedis(sentinel, 'ACL', 'LOG'), [], 'the documented rights are enough')
  await askRedis(sentinel, 'ACL', 'SETUSER', 'default', 'resetpass', '>for-sentinels')
  await refuses(t, `redis-sentinel://:pw@127.0.0.1:${sentinel}#main`, /^NOAUTH/)
})

t.test('a server that is away, starting or full does not stop the start', async (t) => {
  const away = await freePort()
  t.match((await open(t, `redis://127.0.0.1:${away}`)).told, [/^Redis is away: .*ECONNREFUSED/])
  t.match((await open(t, `unix:${join(folder, 'nobody.sock')}`)).told, [/^Redis is away: .*ENOENT/])
  const silent = createServer((socket) => t.teardown(() => socket.destroy())).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const { port: at } = silent.address() as AddressInfo
  for (const scheme of ['redis', 'rediss'])
    await t.resolves(open(t, `${scheme}://127.0.0.1:${at}`, shortPatience), scheme)
  const { redis: only } = await open(t, `redis://:pw@127.0.0.1:${port}`)
  await eventually('nobody else', async () => String(await only.client('LIST')).split('id=').length === 2)
  await only.config('SET', 'maxclients', '1')
  t.teardown(() => only.config('SET', 'maxclients', '1000'))
  t.match((await open(t, `redis://:pw@127.0.0.1:${port}`)).told, [/^Redis is away: .*max number of clients/])
})

t.test('a refusal at run time is said as such, once, and ends when the server lets in again', async (t) => {
  const { redis, told } = await open(t, `redis://alice:p%25w@127.0.0.1:${port}/2`)
  await admin('ACL', 'SETUSER', 'alice', 'resetpass', '>other')
  await admin('CLIENT', 'KILL', 'USER', 'alice')
  const refusing = /^Redis refuses: WRONGPASS .*is disabled\. Waiting does not mend that: /
  await eventually('the refusal', () => told.some((line) => refusing.test(line)))
  await t.rejects(redis.get('x'))
  await admin('ACL', 'SETUSER', 'alice', '>p%w')
  await eventually('an answer', () => redis.get('x').then(() => true))
  t.equal(told.filter((line) => refusing.test(line)).length, 1)
  t.equal(told.at(-1), 'back')
  await redis.set('key', 'in the third')
  t.equal(await redis.get('key'), 'in the third')
})

t.test('whoever loses the right to its database reads no other one', async (t) => {
  const { redis, told } = await open(t, `redis://alice:p%25w@127.0.0.1:${port}/2`)
  await redis.set('where', 'in the third')
  await admin('SET', 'where', 'in the first')
  await admin('ACL', 'SETUSER', 'alice', '-select')
  await admin('CLIENT', 'KILL', 'USER', 'alice')
  await eventually('the refusal', () => told.some((line) => /^Redis refuses: NOPERM .*select/.test(line)))
  await t.rejects(redis.get('where'))
  await admin('ACL', 'SETUSER', 'alice', '+select')
  t.equal(await eventually('an answer', () => redis.get('where')), 'in the third')
})

t.test('a user without the rights that sessions need stops the start, and each is named', async (t) => {
  const config = readConfig({
    ...patientSettings,
    SESSION_SECRET: secret,
    REDIS_URL: `redis://reader:pw@127.0.0.1:${port}`
  })
  const said: string[] = []
  const listener = { onLost: (error: Error) => void said.push(outageOf('Redis', error)), onBack() {} }
  const opening = openSessionStore({ config, database: undefined, listener })
  await t.rejects(opening, {
    code: 'LATCHKEY_CONFIG',
    message: /refuses: NOPERM its user may not run SET sess:\*, .*HSET sess-tries:\*/
  })
  t.same(said, [])
})
