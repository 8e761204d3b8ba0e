// group: real-processes
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { build, registerAlice, secret } from '../build.ts'
import { moduleUrl, runAtOnce } from '../processes.ts'
import { patientSettings } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'

const processes = 4
const requestsEach = 50

/** A service over the shared storage; each of its requests changes another key of one session. */
const prepare = `
  const { default: Fastify } = await import('fastify')
  const { default: latchkey } = await import(${moduleUrl('src/app.ts')})
  const { readConfig } = await import(${moduleUrl('src/settings/config.ts')})
  const config = readConfig(JSON.parse(process.env.SETTINGS))
  const app = Fastify({ pluginTimeout: 0 })
  await app.register(latchkey, { config })
  app.post('/keys/:key', async ({ session, params }) => {
    session[params.key] = true
    await new Promise(setImmediate)
    return {}
  })
  await app.ready()
  const cookies = { latchkey: process.env.COOKIE }
`

const act = `
  const names = Array.from({ length: ${requestsEach} }, (_, index) => 'key-' + process.pid + '-' + index)
  // An honest 503 (four processes write one file) stored nothing, and whoever gets it tries again.
  const set = async (name) => {
    const { statusCode } = await app.inject({ method: 'POST', url: '/keys/' + name, cookies })
    if (statusCode === 503) return set(name)
    if (statusCode !== 200) throw new Error('answered ' + statusCode)
  }
  await Promise.all(names.map(set))
  await app.close()
`

function tellKeys(app: FastifyInstance) {
  app.get('/keys', async ({ session }) => Object.keys(session).filter((key) => key.startsWith('key-')))
}

for (const where of ['the embedded database', 'Redis']) {
  t.test(
    `${processes * requestsEach} concurrent changes by ${processes} processes are all kept, over ${where}`,
    async (t) => {
      const redis = where === 'Redis' ? { REDIS_URL: (await startRedis(t)).url } : {}
      const settings = {
        DATABASE_URL: `file:${t.testdir()}/latchkey.db`,
        SESSION_SECRET: secret,
        ...patientSettings,
        ...redis
      }
      const alice = await registerAlice(await build(t, { env: settings }))
      process.env.SETTINGS = JSON.stringify(settings)
      process.env.COOKIE = alice.cookies.latchkey

      await runAtOnce(processes, { prepare, act })

      const app = await build(t, { env: settings, routes: tellKeys })
      const { json } = await app.inject({ url: '/keys', cookies: alice.cookies })
      t.equal(json().length, processes * requestsEach)
    }
  )
}
