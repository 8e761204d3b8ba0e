import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'

async function startServers(t: Test) {
  const [postgres, redis] = await Promise.all([startPostgres(t), startRedis(t)])
  const env = { DATABASE_URL: await postgres.newDatabase(), REDIS_URL: redis.url, SESSION_SECRET: secret }
  return { postgres, env }
}

/** Signing in, and how long the answer took. */
async function signIn(app: FastifyInstance) {
  const start = performance.now()
  const { statusCode, cookies } = await new Visitor(app, 'program').post('/login', alice)
  return { statusCode, cookies, milliseconds: performance.now() - start }
}

async function untilItAnswers(app: FastifyInstance) {
  while ((await signIn(app)).statusCode === 503) await sleep(20)
}

/** As many as there are people at one moment. */
async function isRefusedInTime(t: Test, app: FastifyInstance) {
  for (const answer of await Promise.all(Array.from({ length: 20 }, () => signIn(app)))) {
    t.equal(answer.statusCode, 503)
    t.same(answer.cookies, [])
    t.ok(answer.milliseconds < 1000, `${answer.milliseconds} ms`)
  }
}

t.test('people register, sign in again and are refused with a wrong password', async (t) => {
  const { env } = await startServers(t)
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
  'while PostgreSQL is dead nobody signs in, who is signed in stays so, afterwards all goes on',
  async (t) => {
    const { postgres, env } = await startServers(t)
    const app = await build(t, { env })
    const browser = await registerAlice(app)

    await postgres.stop()
    await isRefusedInTime(t, app)
    t.equal((await browser.get('/dashboard')).statusCode, 200)

    await postgres.start()
    await untilItAnswers(app)
    t.equal((await signIn(app)).statusCode, 200)
  }
)

t.test('while PostgreSQL hangs it is the same', async (t) => {
  const { postgres, env } = await startServers(t)
  const app = await build(t, { env })
  const browser = await registerAlice(app)

  await postgres.pause()
  await isRefusedInTime(t, app)
  t.equal((await browser.get('/dashboard')).statusCode, 200)

  postgres.resume()
  await untilItAnswers(app)
  t.equal((await signIn(app)).statusCode, 200)
})

t.test('a service that starts without PostgreSQL is whole once it is there', async (t) => {
  const { postgres, env } = await startServers(t)
  await postgres.stop()
  const app = await build(t, { env })
  await isRefusedInTime(t, app)

  await postgres.start()
  await untilItAnswers(app)
  const browser = await registerAlice(app)
  t.equal((await browser.get('/dashboard')).statusCode, 200)
})
