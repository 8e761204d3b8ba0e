// group: many-servers
import t, { type Test } from 'tap'
import { neverBack } from '../../src/primitives/clock.ts'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { startRedis } from '../servers/redis.ts'

const [second, minute, hour] = [1000, 60_000, 3_600_000]

/** A machine whose clock can be set. It begins with the true time, by which Redis expires its keys. */
function machine() {
  let [wall, elapsed] = [Date.now(), 0]
  return {
    now: () =>
      neverBack(
        () => wall,
        () => elapsed
      ),
    passes: (milliseconds: number) => {
      wall += milliseconds
      elapsed += milliseconds
    },
    set: (milliseconds: number) => {
      wall += milliseconds
    }
  }
}

const stores: Record<string, (t: Test) => Promise<Record<string, string>>> = {
  'in the embedded database': async () => ({}),
  'in Redis': async (t) => ({ REDIS_URL: (await startRedis(t)).url, SESSION_SECRET: secret })
}

for (const [where, settingsOf] of Object.entries(stores)) {
  t.test(`${where}: the clock was two hours ahead, and is set right while the service runs`, async (t) => {
    const { now, passes, set } = machine()
    set(2 * hour)
    const env = { ...(await settingsOf(t)), SESSION_IDLE: '2m', SESSION_LIFETIME: '10m' }
    const app = await build(t, { env, now: now() })
    const used = await registerAlice(app, 'program')
    const unused = new Visitor(app, 'program')
    await unused.post('/login', alice)
    const statusOf = async (visitor: Visitor) => (await visitor.get('/api/session')).statusCode
    t.same([await statusOf(used), await statusOf(unused)], [200, 200])
    set(-2 * hour)
    for (let minutes = 1; minutes <= 9; minutes++) {
      passes(minute)
      t.equal(await statusOf(used), 200, `after ${minutes} minutes`)
    }
    t.equal(await statusOf(unused), 401, 'it was not used for 2 minutes')
    passes(minute + second)
    t.equal(await statusOf(used), 401, 'it is 10 minutes old')
  })

  t.test(`${where}: what was over does not open again, for no process`, async (t) => {
    const { now, set, passes } = machine()
    const env = {
      ...(await settingsOf(t)),
      SESSION_SECRET: secret,
      DATABASE_URL: `file:${t.testdir()}/latchkey.db`
    }
    const app = await build(t, { env, now: now() })
    const visitor = await registerAlice(app, 'program')
    const { cookies } = visitor
    const session = { url: '/api/session', cookies: { ...cookies }, headers: { accept: 'application/json' } }
    t.equal((await app.inject(session)).statusCode, 200)
    set(2 * hour)
    t.equal((await app.inject(session)).statusCode, 401)
    set(-2 * hour)
    passes(second)
    const restarted = await build(t, { env, now: now() })
    for (const process of [app, restarted]) t.equal((await process.inject(session)).statusCode, 401)
  })
}
