import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { signIn, signOut } from '../../src/express/index.ts'
import { ownPrefix } from '../../src/redis/prefix.ts'
import { missingRights } from '../../src/redis/rights.ts'
import { redisKeyOf } from '../ask-dashboard.ts'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { commandIn, settings } from '../cli/command.ts'
import { open } from '../express/web.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'
import { asUser, documentedRights, optionalRights } from '../servers/redis-user.ts'

/** A user that may do what docs/deploying.md says, and no more. */
const server = await startRedis(t, '--maxmemory-policy', 'noeviction')
const url = asUser(server.url)
const usual = documentedRights.slice(documentedRights.indexOf('-@all') + 1)
const commands = usual.filter((right) => right.startsWith('+')).map((right) => right.slice(1))
const patterns = usual.filter((right) => /^[~&]/.test(right))

/** What needs no right, what this test sends, and clients of a Cluster that had the port before. */
const byOthers = ['hello', 'auth', 'client|setinfo', 'del', 'client|setname', 'cluster', 'readonly']

t.test('the document has each right of each kind once', async (t) => {
  t.ok(commands.length > 30)
  t.equal(patterns.length, 9)
  t.equal(optionalRights.length, 7)
  for (const right of optionalRights) t.ok(usual.includes(right), right)
  t.equal(usual.length, new Set(usual).size)
  t.match(documentedRights.slice(0, 3), ['resetkeys', 'resetchannels', '-@all'])
})

t.test('with the documented rights everything works, and each of them is used', async (t) => {
  const { texts, used, stop } = await watch(t)
  await server.ask('CONFIG', 'RESETSTAT')
  await allFlows(t)
  await stop()

  t.same(await server.ask('ACL', 'LOG'), [], 'nothing was refused')
  // MONITOR does not tell of it.
  if ((await calls('config\\|get')) > 0) used.add('config|get')
  t.same([...used].filter((name) => !byOthers.includes(name)).sort(), commands.toSorted())
  for (const pattern of patterns) {
    const begin = pattern.slice(1).replace('*', '')
    t.ok(
      [...texts].some((text) => text.startsWith(begin)),
      pattern
    )
  }
})

t.test('a right that is missing stops the start, but for those that the document excepts', async (t) => {
  const redis = new Redis(url, { enableReadyCheck: false, disableClientInfo: true })
  t.teardown(() => redis.disconnect())
  t.equal(await missingRights(redis, 'sess:'), undefined)
  for (const right of usual.filter((right) => !optionalRights.includes(right))) {
    const others = usual.filter((other) => other !== right)
    await server.ask('ACL', 'SETUSER', 'latchkey', 'resetkeys', 'resetchannels', '-@all', ...others)
    const missing = await missingRights(redis, 'sess:')
    t.ok(
      missing?.message.toLowerCase().includes(right.replace(/^[+~&]/, '')),
      `${right}: ${missing?.message}`
    )
  }
  const least = usual.filter((right) => !optionalRights.includes(right))
  await server.ask('ACL', 'SETUSER', 'latchkey', 'resetkeys', 'resetchannels', '-@all', ...least)
  t.equal(await missingRights(redis, 'sess:'), undefined)
  t.equal(await redis.exists(`${ownPrefix('sess:')}-tries:{latchkey-trial}`), 0, 'it leaves nothing behind')
  const app = await build(t, { env: { REDIS_URL: url, SESSION_SECRET: secret } })
  const browser = await registerAlice(app)
  t.equal((await browser.get('/dashboard')).statusCode, 200)
  await browser.submit('/logout')
  t.equal((await browser.get('/dashboard')).statusCode, 303)
})

/** The commands that clients send, scripts included, and all their words; but for what only tries the rights. */
async function watch(t: Test) {
  const admin = new Redis(server.port)
  t.teardown(() => admin.disconnect())
  // What it says while it connects would come before the answer to MONITOR, which ioredis takes for an error.
  await admin.ping()
  const monitor = await admin.monitor()
  t.teardown(() => monitor.disconnect())
  const [texts, used] = [new Set<string>(), new Set<string>()]
  monitor.on('monitor', (_time, args: string[]) => {
    if (args.some((text) => text.includes('{latchkey-trial}') || /^0{40}$/.test(text))) return
    const [command = '', second = ''] = args.map((text) => text.toLowerCase())
    used.add(/^(client|acl|config)$/.test(command) ? `${command}|${second}` : command)
    for (const text of args) texts.add(text)
  })
  const stop = async () => {
    await server.ask('PUBLISH', 'nobody', 'the last word')
    await eventually('all that was sent', () => texts.has('the last word'))
  }
  return { texts, used, stop }
}

/** Two services and an Express app with one Redis, and the command. */
async function allFlows(t: Test): Promise<void> {
  const env = {
    ...settings(t),
    ...{ REDIS_URL: url, SESSION_SECRET: secret, REGISTRATION: 'open', SESSIONS_PER_ACCOUNT: '5' }
  }
  const [one, two] = [await build(t, { env }), await build(t, { env })]
  const browser = await registerAlice(one)
  await eventually('a cached session', async () => {
    const before = await calls('evalsha')
    await browser.get('/dashboard')
    return (await calls('evalsha')) === before
  })

  const others = Array.from({ length: 3 }, () => new Visitor(two, 'browser'))
  for (const other of others) {
    t.equal((await other.submit('/login', { ...alice, password: 'not her password' })).statusCode, 401)
    t.equal((await other.submit('/login', { ...alice, remember: 'on' })).statusCode, 303)
  }
  t.equal((await browser.get('/dashboard')).statusCode, 200)
  const expired = new Visitor(two, 'browser')
  await expired.submit('/login', alice)
  await server.ask('DEL', redisKeyOf(expired))
  t.match((await browser.get('/account/sessions')).body, 'alice')
  t.equal((await browser.submit('/account/sessions/others')).statusCode, 303)
  const last = others.at(-1)
  t.equal((await last?.get('/dashboard'))?.statusCode, 303, 'told by the other service')
  const change = { current: alice.password, password: 'another horse battery' }
  await browser.submit('/account/password', change)
  await browser.submit('/logout')
  t.equal((await browser.get('/dashboard')).statusCode, 303)

  for (let times = 0; times < 5; times += 1)
    await new Visitor(two, 'browser').submit('/login', { ...alice, ...change })

  const express = await open(t, { settings: { ...env, ACCOUNTS_URL: '' } }, async (req, res) => {
    if (req.path === '/in') await signIn(req, 'ada')
    if (req.path === '/again') await new Promise<void>((done) => req.session.regenerate(() => done()))
    if (req.path === '/out') await signOut(req)
    res.end(String(Reflect.get(req.session ?? {}, 'user')))
  })
  for (const path of ['/in', '/', '/again', '/', '/out', '/']) await express.browser.get(path)
  await eventually('an ending that a service took out of the outbox', async () => (await calls('lrem')) > 0)

  t.match(await commandIn(t, env)(['sessions', 'end', '--all', '--yes']), { code: 0, err: '' })
}

async function calls(command: string): Promise<number> {
  const stats = String(await server.ask('INFO', 'commandstats'))
  return Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0)
}
