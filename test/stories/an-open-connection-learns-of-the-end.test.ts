// group: real-processes
import { once } from 'node:events'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { newNonce } from '../../src/endings/ending.ts'
import { Ledger } from '../../src/endings/ledger.ts'
import { services } from '../../src/open-services.ts'
import type { Environment } from '../../src/settings/environment.ts'
import { signedInCookies } from '../../src/testing.ts'
import { alice, build, databaseFile, secret, Visitor } from '../build.ts'
import { commandIn, settings } from '../cli/command.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'
import { steadyNow } from '../servers/true-clock.ts'

const minute = 60_000
const redis = await startRedis(t)
await redis.ask('ACL', 'SETUSER', 'deaf', 'on', '>pass', '~*', '&*', '+@all', '-client|tracking')
const onRedis = { REDIS_URL: redis.url, SESSION_SECRET: secret }
const stores: Record<string, Environment> = {
  'the embedded database': { SESSION_SECRET: secret },
  Redis: onRedis,
  'a Redis that does not tell of changes': {
    ...onRedis,
    REDIS_URL: `redis://deaf:pass@127.0.0.1:${redis.port}`
  },
  'Redis without a cache': { ...onRedis, SESSION_CACHE: '0' }
}

/** Answers when the signal of the request aborts, with the code of the reason. */
function holding(app: FastifyInstance): void {
  app.get('/hold', async ({ signedIn }) => {
    if (!signedIn.aborted) await once(signedIn, 'abort')
    return { code: signedIn.reason.code }
  })
}

interface Site {
  /** Where the connection is open, and where the session is ended. */
  readonly here: FastifyInstance
  readonly there: FastifyInstance
  readonly command: ReturnType<typeof commandIn>
  readonly now: () => number
  /** Sets both clocks ahead. */
  readonly wait: (milliseconds: number) => void
}

async function open(t: Test, env: Environment): Promise<Site> {
  const database = { DATABASE_URL: `file:${t.testdir()}/latchkey.db` }
  let ahead = 0
  const now = () => steadyNow() + ahead
  const options = { env: { ...env, ...database }, now, routes: holding }
  const [here, there] = [await build(t, options), await build(t, options)]
  const command = commandIn(t, settings(t, { ...env, ...database }))
  const wait = (milliseconds: number) => {
    ahead += milliseconds
  }
  return { here, there, command, now, wait }
}

async function signedIn(app: FastifyInstance, name = 'alice', session = {}): Promise<Visitor> {
  const admin = { role: 'admin', factors: 2 } as const
  const cookies = await signedInCookies(app, name, { session, ...(name === 'root' && admin) })
  return Object.assign(new Visitor(app, 'program'), { cookies })
}

/** Every way to end the session of alice’s open connection, elsewhere. */
const ways: Record<string, (site: Site, cookies: Record<string, string>) => unknown> = {
  'signing out': ({ there }, cookies) => at(there, cookies).post('/logout'),
  'ending one session': async ({ there }) => {
    const other = await signedIn(there)
    const { sessions } = (await other.get('/api/sessions')).json()
    for (const { session, isThis } of sessions) if (!isThis) await other.delete(`/api/sessions/${session}`)
  },
  'ending the other sessions': async ({ there }) => (await signedIn(there)).delete('/api/sessions/others'),
  'ending all sessions': async ({ there }) => (await signedIn(there)).delete('/api/sessions'),
  'an administrator': async ({ there }) =>
    (await signedIn(there, 'root')).delete('/api/accounts/alice/sessions'),
  'a new password': ({ there }) => there.latchkey.accounts.changePassword(alice),
  'another role': async ({ there }) => {
    await there.latchkey.accounts.setRole('alice', 'admin')
    await there.latchkey.accounts.setRole('alice', 'user', { force: true })
  },
  'disabling the account': async ({ there }) => {
    await there.latchkey.accounts.disable('alice')
    await there.latchkey.accounts.enable('alice')
  },
  'removing the account': ({ there }) => there.latchkey.accounts.remove('alice'),
  'the command, for one person': ({ command }) => command(['sessions', 'end', 'alice', '--all']),
  'the command, for everybody': ({ command }) => command(['sessions', 'end', '--all', '--yes'])
}

function at(app: FastifyInstance, cookies: Record<string, string>): Visitor {
  return Object.assign(new Visitor(app, 'program'), { cookies: { ...cookies } })
}

/** Opens a connection. @returns a function that waits for its end, and returns the code */
async function hold(app: FastifyInstance, cookies: Record<string, string>) {
  const { signals } = app[services].sessions
  const { size } = signals
  let code: string | undefined
  at(app, cookies)
    .get('/hold')
    .then((answer) => {
      code = answer.json().code
    })
  await eventually('an open connection', () => signals.size === size + 1)
  return () => eventually('the end', () => code)
}

for (const [name, env] of Object.entries(stores)) {
  t.test(`in ${name}, whoever ends a session, its open connections hear of it`, async (t) => {
    const site = await open(t, env)
    const { here, there, now, wait } = site
    for (const [way, end] of Object.entries(ways)) {
      const { cookies } = await signedIn(here)
      const bobs = await signedIn(here, 'bob')
      const bob = await hold(here, bobs.cookies)
      const ended = await hold(here, cookies)
      await end(site, cookies)
      t.equal(await ended(), 'LATCHKEY_SESSION_ENDED', way)
      if (way !== 'the command, for everybody') await at(there, bobs.cookies).post('/logout')
      t.equal(await bob(), 'LATCHKEY_SESSION_ENDED', `${way}: bob, when his own sessions end`)
    }

    const { cookies } = await signedIn(here)
    const idle = await hold(here, cookies)
    wait(20 * minute)
    t.equal((await at(there, cookies).get('/dashboard')).statusCode, 200)
    const unused = await hold(here, (await signedIn(here, 'bob')).cookies)
    wait(29 * minute)
    t.equal((await at(there, cookies).get('/dashboard')).statusCode, 200, 'used within its idle timeout')
    wait(2 * minute)
    t.equal(await unused(), 'LATCHKEY_SESSION_EXPIRED', 'an open connection is no use')
    wait(29 * minute)
    t.equal(await idle(), 'LATCHKEY_SESSION_EXPIRED')

    const startedAt = now() - 12 * 60 * minute + 30_000
    const old = await signedIn(here, 'alice', { startedAt, accountProofs: {} })
    const absolute = await hold(here, old.cookies)
    wait(minute)
    t.equal(await absolute(), 'LATCHKEY_SESSION_EXPIRED', 'the absolute lifetime')
    for (const app of [here, there]) t.equal(app[services].sessions.signals.size, 0, 'nothing is left')
  })
}

for (const name of ['the embedded database', 'Redis'])
  t.test(
    `in ${name}, a sign-in beyond SESSIONS_PER_ACCOUNT ends the open connection of another`,
    async (t) => {
      const { here, there } = await open(t, { ...stores[name], SESSIONS_PER_ACCOUNT: '1' })
      const ended = await hold(here, (await signedIn(here)).cookies)
      await signedIn(there)
      t.equal(await ended(), 'LATCHKEY_SESSION_ENDED')
    }
  )

t.test('whoever follows tells its own open connections what a process had logged that died', async (t) => {
  await redis.ask('FLUSHALL')
  let ahead = 0
  const now = () => steadyNow() + ahead
  const here = await build(t, { env: onRedis, now, routes: holding })
  const { cookies } = await signedIn(here)
  const [key] = [await redis.ask('KEYS', 'sess:*')].flat().map(String)
  const ended = await hold(here, cookies)
  const startedAt = now() - 12 * 60 * minute + 30_000
  const old = await hold(here, (await signedIn(here, 'bob', { startedAt, accountProofs: {} })).cookies)
  ahead += minute
  t.equal(await old(), 'LATCHKEY_SESSION_EXPIRED', 'all were looked at once')

  const database = await openSqlite(databaseFile(here))
  t.teardown(() => database.close())
  const row = { kind: 'session', key: `${key}`.slice('sess:'.length), owner: '', nonce: newNonce() } as const
  await new Ledger(database.sql).log({ ...row, until: Date.now() + minute })
  t.equal(await ended(), 'LATCHKEY_SESSION_ENDED')
})

t.test('while Redis is silent, open connections end after five seconds: nobody knows', async (t) => {
  const own = await startRedis(t)
  const env = { REDIS_URL: own.url, SESSION_SECRET: secret, STORAGE_PATIENCE: '2s' }
  const { here } = await open(t, env)
  const { cookies } = await signedIn(here)
  const ended = await hold(here, cookies)
  own.pause()
  t.equal(await ended(), 'LATCHKEY_SESSION_UNKNOWN')
  own.resume()
})
