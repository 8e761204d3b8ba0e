// group: failing-storage
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'

const [postgres, redis] = await Promise.all([startPostgres(t), startRedis(t)])

/** A new database and no session, on servers that run. */
async function newEnvironment() {
  await redis.ask('FLUSHALL')
  return { DATABASE_URL: await postgres.newDatabase(), REDIS_URL: redis.url, SESSION_SECRET: secret }
}

function signIn(app: FastifyInstance) {
  return new Visitor(app, 'program').post('/login', alice)
}

function itAnswers(app: FastifyInstance) {
  return eventually('a sign-in', async () => (await signIn(app)).statusCode === 200)
}

/**
 * As many concurrent sign-ins while PostgreSQL is down: none waits for it to come back. While the first ones
 * wait, too many further ones are refused from memory, with 429.
 */
async function isRefused(t: Test, app: FastifyInstance) {
  const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => signIn(app)))
  t.equal(first?.statusCode, 503)
  t.same(first?.cookies, [])
  for (const { statusCode, cookies } of others) {
    t.ok([503, 429].includes(statusCode), `${statusCode}`)
    t.same(cookies, [])
  }
}

t.test('people can register and sign in again, and a wrong password is refused', async (t) => {
  const env = await newEnvironment()
  const app = await build(t, { env })
  const browser = await registerAlice(app)
  t.match((await browser.get('/dashboard')).body, 'alice')
  await browser.submit('/logout')
  t.equal((await browser.submit('/login', { ...alice, password: 'not the password' })).statusCode, 401)
  t.equal((await browser.submit('/login', alice)).statusCode, 303)
  t.equal((await browser.get('/dashboard')).statusCode, 200)
  const other = await build(t, { env })
  t.equal((await signIn(other)).statusCode, 200, 'a second service knows her too')
  t.equal((await new Visitor(other, 'program').post('/register', alice)).statusCode, 403)
})

t.test(
  'while PostgreSQL is down nobody can sign in, signed-in users stay, and then everything recovers',
  async (t) => {
    const env = await newEnvironment()
    const app = await build(t, { env })
    const browser = await registerAlice(app)

    await postgres.stop()
    await isRefused(t, app)
    t.equal((await browser.get('/dashboard')).statusCode, 200)

    await postgres.start()
    await itAnswers(app)
  }
)

t.test('while PostgreSQL hangs nobody can sign in, and signed-in users stay', async (t) => {
  const env = await newEnvironment()
  await registerAlice(await build(t, { env }))
  const app = await build(t, { env: { ...env, STORAGE_PATIENCE: '300ms' } })
  const browser = new Visitor(app, 'browser')
  await eventually('a sign-in', async () => (await browser.submit('/login', alice)).statusCode === 303)

  await postgres.pause()
  await isRefused(t, app)
  t.equal((await browser.get('/dashboard')).statusCode, 200)

  postgres.resume()
  await itAnswers(app)
})

t.test('a service that starts without PostgreSQL works once it is there', async (t) => {
  const env = await newEnvironment()
  await postgres.stop()
  const app = await build(t, { env })
  await isRefused(t, app)

  await postgres.start()
  await eventually('an account', async () => {
    return (await new Visitor(app, 'program').post('/register', alice)).statusCode === 201
  })
  await itAnswers(app)
})
