// group: real-processes
import t from 'tap'
import { alice, secret } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { startService } from '../servers/service.ts'
import { countsCoverage } from '../tap/children.ts'

const requests = 6

t.test('told to stop with sign-ins in flight, it answers all of them and ends', async (t) => {
  const redis = await startRedis(t)
  const env = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    REDIS_URL: redis.url,
    SESSION_SECRET: secret,
    // So that each has its own address: from one address, some would have to wait.
    TRUST_PROXY: 'loopback',
    REGISTRATION: 'open',
    LOG_LEVEL: 'debug',
    ...countsCoverage
  }
  const service = await startService(t, { env, command: inNoHurry })
  const post = (path: string, from = '192.0.2.1') =>
    fetch(service.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      body: JSON.stringify(alice)
    })
  await post('/register')
  const received = () => service.output().split('incoming request').length - 2

  const running = Array.from({ length: requests }, (_, index) => post('/login', `192.0.2.${index}`))
  await eventually('all requests', () => received() === requests)
  const stopped = service.stop('SIGTERM')

  const answers = await Promise.all(running)
  t.same(
    answers.map(({ status }) => status),
    Array(requests).fill(200)
  )
  await stopped
  await t.rejects(fetch(service.url), 'nobody listens any more')
  t.equal(await connectionsTo(redis), 1, 'only this test is connected to Redis')
})

/** `npm start` waits 10 s: a slow machine may take longer for so many passwords. */
const inNoHurry = `${process.execPath} node_modules/fastify-cli/cli.js start --options --close-grace-delay 600000 --require ./src/start/preload.ts src/app.ts`

async function connectionsTo(redis: RedisServer): Promise<number> {
  return String(await redis.ask('CLIENT', 'LIST'))
    .trim()
    .split('\n').length
}
