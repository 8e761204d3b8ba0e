// group: real-processes
import t from 'tap'
import { build, registerAlice, secret } from '../build.ts'
import { moduleUrl, runAtOnce } from '../processes.ts'
import { patientSettings } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'
import { longSessions } from '../servers/true-clock.ts'

const processes = 2
const writesEach = 100

/**
 * A service whose requests increment a key of its own in the shared session, and remember what they read and
 * wrote.
 */
const prepare = `
  const { default: Fastify } = await import('fastify')
  const { default: latchkey } = await import(${moduleUrl('src/app.ts')})
  const { eventually } = await import(${moduleUrl('test/servers/eventually.ts')})
  const { readConfig } = await import(${moduleUrl('src/settings/config.ts')})
  const app = Fastify({ pluginTimeout: 0 })
  await app.register(latchkey, { config: readConfig(JSON.parse(process.env.SETTINGS)) })
  app.post('/count/:key', async ({ session, params }) => {
    session[params.key] = (session[params.key] ?? 0) + 1
    return {}
  })
  app.get('/counts', async ({ sessionData }) =>
    Object.fromEntries(Object.entries(sessionData).filter(([key]) => key.startsWith('count-')))
  )
  await app.ready()
  const cookies = { latchkey: process.env.COOKIE }
  const counts = async () => (await app.inject({ url: '/counts', cookies })).json()
`

/** Reads during its writes and after: its own count is always the last one, and no other count decreases. */
const act = `
  const own = 'count-' + process.pid
  let seen = {}
  const read = async (...expected) => {
    const found = await counts()
    if (!expected.includes(found[own] ?? 0)) throw new Error('wrote ' + expected + ' and read ' + found[own])
    for (const [key, count] of Object.entries(seen)) {
      if (found[key] < count) throw new Error(key + ' went from ' + count + ' back to ' + found[key])
    }
    seen = found
  }
  const write = async () => {
    const { statusCode } = await app.inject({ method: 'POST', url: '/count/' + own, cookies })
    if (statusCode !== 200) throw new Error('answered ' + statusCode)
  }
  for (let n = 0; n < ${writesEach}; n++) {
    await Promise.all([write(), read(n, n + 1)])
    await read(n + 1)
  }
  // What the other one wrote last is heard of, though nobody asks for it here.
  const isWhole = () => Object.values(seen).filter((count) => count === ${writesEach}).length === ${processes}
  let fault
  await eventually('all that the other wrote', async () => {
    await read(${writesEach}).catch((error) => { fault = error })
    return fault !== undefined || isWhole()
  })
  if (fault) throw fault
  process.stdout.write(JSON.stringify(Object.values(seen)))
  await app.close()
`

t.test(`${processes} processes that constantly write one session never read an earlier state`, async (t) => {
  const redis = await startRedis(t)
  const settings = {
    DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
    SESSION_SECRET: secret,
    REDIS_URL: redis.url,
    ...patientSettings,
    ...longSessions
  }
  process.env.SETTINGS = JSON.stringify(settings)
  const { cookies } = await registerAlice(await build(t, { env: settings }))
  process.env.COOKIE = cookies.latchkey

  const found = await runAtOnce(processes, { prepare, act })

  for (const counts of found) t.same(JSON.parse(counts), Array(processes).fill(writesEach))
})
