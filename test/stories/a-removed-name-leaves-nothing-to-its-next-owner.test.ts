import { DatabaseSync } from 'node:sqlite'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, databaseFile, secret, Visitor } from '../build.ts'
import { commandIn, settings } from '../cli/command.ts'
import { eventually } from '../servers/eventually.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { emptyDatabase } from '../servers/shared-postgres.ts'

const second = 1000
/** Whoever registers the name next. */
const next = { username: alice.username, password: 'of somebody else' }

type Remove = (app: FastifyInstance) => Promise<void>

/** The command is told that it is half done: the sessions are still there. */
function whileFrozen(t: Test, redis: RedisServer, env: Record<string, string>): Remove {
  const latchkey = commandIn(t, settings(t, env))
  return async (app) => {
    redis.pause()
    const { code, err } = await latchkey(['users', 'remove', alice.username, '--yes'])
    redis.resume()
    await eventually('Redis', async () => (await app.inject('/health/ready')).statusCode === 200)
    t.match([code, err], [1, /alice is not signed out everywhere/])
  }
}

/** As a program would that knows nothing of sessions. */
const pastTheService: Remove = async (app) => {
  const database = new DatabaseSync(databaseFile(app))
  database.exec('DELETE FROM accounts')
  database.close()
}

/** Redis is waited for in vain for so long, and a machine is hardly so slow. */
const patient = { STORAGE_PATIENCE: '3s', SESSION_SECRET: secret, REGISTRATION: 'open' }

t.test('sessions and accounts in the embedded database', (t) =>
  nothingIsLeft(t, { SESSION_SECRET: secret, REGISTRATION: 'open' }, pastTheService)
)

t.test('sessions in Redis, which stands still while the account is removed', async (t) => {
  const redis = await startRedis(t)
  const env = { DATABASE_URL: `file:${t.testdir()}/latchkey.db`, REDIS_URL: redis.url, ...patient }
  await nothingIsLeft(t, env, whileFrozen(t, redis, env))
})

t.test('the same with accounts in PostgreSQL', async (t) => {
  const redis = await startRedis(t)
  const env = { DATABASE_URL: await emptyDatabase(t), REDIS_URL: redis.url, ...patient }
  await nothingIsLeft(t, env, whileFrozen(t, redis, env))
})

async function nothingIsLeft(t: Test, env: Record<string, string>, remove: Remove) {
  let time = Date.now()
  const app = await build(t, { env, now: () => time })
  const former = new Visitor(app, 'browser')
  await former.submit('/register', alice)
  const { id: formerId } = await accountOf(app)
  const { body: asked } = await former.get('/account/remove')
  t.match(asked, formerId)
  const from = (remoteAddress: string, payload: object) =>
    app.inject({ method: 'POST', url: '/login', remoteAddress, payload })
  for (let tries = 0; tries < 7; tries += 1) await from('192.0.2.7', { ...alice, password: 'a guess' })
  t.equal((await from('192.0.2.7', alice)).statusCode, 429)

  await remove(app)
  time += 2 * second
  const owner = new Visitor(app, 'browser')
  t.equal((await owner.submit('/register', next)).statusCode, 303)
  const { id, failedAttempts } = await accountOf(app)
  t.not(id, formerId)
  const unused = new Visitor(app, 'browser')
  unused.cookies = { ...former.cookies }
  // At once, or when the ledger has been followed: the command has said that it was half done.
  await eventually('the former cookie to be nobody’s', async () => {
    return (await unused.get('/dashboard')).statusCode === 303
  })
  const [session] = (await app.latchkey.sessions.listByUser(id)).sessions

  t.equal(failedAttempts, 0)
  t.equal((await from('192.0.2.7', next)).statusCode, 200, 'no count of attempts')
  const [device = ''] = former.cookies['latchkey-browser']?.split('.') ?? []
  t.match(device, /^[\w-]{22}$/)
  t.equal(await app[services].devices.isKnown(alice.username, device), false, 'no device')

  const program = new Visitor(app, 'program')
  program.cookies = { ...owner.cookies }
  const { activity } = (await program.get('/account/activity')).json()
  t.ok(activity.length > 1)
  for (const { account } of activity) t.equal(account, id, 'no event')
  t.equal((await owner.submit('/account/remove', { latchkeyUser: formerId })).statusCode, 409, 'no form')

  program.cookies = { ...former.cookies }
  t.not((await program.get('/gate')).headers['x-auth-id'], id)
  t.notMatch((await program.get('/api/sessions')).body, session?.handle, 'no list')
  await program.delete('/api/sessions/others')
  await program.post(`/account/sessions/${session?.handle}`)
  for (const body of [{ latchkeyUser: formerId }, {}]) {
    program.cookies = { ...former.cookies }
    await program.post('/account/remove', body)
    t.equal((await accountOf(app)).id, id, 'the account stays')
  }
  t.equal((await owner.get('/dashboard')).statusCode, 200, 'and its sessions')
}

for (const REDIS of [false, true])
  t.test(`a session of an account that is gone is nobody’s${REDIS ? ', in Redis' : ''}`, async (t) => {
    const redis = REDIS ? await startRedis(t) : undefined
    const app = await build(t, {
      env: { SESSION_SECRET: secret, REGISTRATION: 'open', ...(redis && { REDIS_URL: redis.url }) }
    })
    for (const path of ['/account', '/account/remove', '/confirm']) {
      const former = new Visitor(app, 'browser')
      await former.submit('/register', alice)
      await pastTheService(app)
      await app.latchkey.accounts.add(next)
      const answer =
        path === '/confirm' ? await former.submit(path, { password: next.password }) : await former.get(path)
      t.match(answer.headers.location, /^\/login/, path)
      t.equal((await former.get('/login')).statusCode, 200, 'and the sign-in page does not lead back')
      t.equal((await former.get('/dashboard')).statusCode, 303, `${path} has ended it`)
      await pastTheService(app)
    }
  })
