// group: real-processes
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { build, registerAlice, secret } from '../build.ts'
import { moduleUrl, runAtOnce } from '../processes.ts'
import { patientSettings } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'
import { longSessions } from '../servers/true-clock.ts'

const processes = 2
const requestsEach = 60

/** For each storage a service over it; each of their requests changes another key of one session. */
const prepare = `
  const { default: Fastify } = await import('fastify')
  const { default: latchkey } = await import(${moduleUrl('src/app.ts')})
  const { readConfig } = await import(${moduleUrl('src/settings/config.ts')})
  const start = async ({ settings, cookies }) => {
    const app = Fastify({ pluginTimeout: 0 })
    await app.register(latchkey, { config: readConfig(settings) })
    app.post('/keys/:key', async ({ session, params }) => {
      session[params.key] = true
      await new Promise(setImmediate)
      return {}
    })
    await app.ready()
    return { app, cookies }
  }
  const services = await Promise.all(JSON.parse(process.env.SERVICES).map(start))
`

const act = `
  const names = Array.from({ length: ${requestsEach} }, (_, index) => 'key-' + process.pid + '-' + index)
  // An honest 503 (several processes write one file) stored nothing, and whoever gets it tries again.
  const set = async ({ app, cookies }, name) => {
    const { statusCode } = await app.inject({ method: 'POST', url: '/keys/' + name, cookies })
    if (statusCode === 503) return set({ app, cookies }, name)
    if (statusCode !== 200) throw new Error('answered ' + statusCode)
  }
  for (const service of services) {
    await together()
    await Promise.all(names.map((name) => set(service, name)))
    await service.app.close()
  }
`

function tellKeys(app: FastifyInstance) {
  app.get('/keys', async ({ session }) => Object.keys(session).filter((key) => key.startsWith('key-')))
}

t.test(`${processes * requestsEach} concurrent changes by ${processes} processes are all kept`, async (t) => {
  const places = { 'the embedded database': {}, Redis: { REDIS_URL: (await startRedis(t)).url } }
  const services = Object.entries(places).map(async ([where, redis]) => {
    const DATABASE_URL = `file:${t.testdir()}/${where}.db`
    const settings = { DATABASE_URL, SESSION_SECRET: secret, ...patientSettings, ...longSessions, ...redis }
    const { cookies } = await registerAlice(await build(t, { env: settings }))
    return { where, settings, cookies }
  })
  const all = await Promise.all(services)
  process.env.SERVICES = JSON.stringify(all)

  await runAtOnce(processes, { prepare, act })

  for (const { where, settings, cookies } of all) {
    const app = await build(t, { env: settings, routes: tellKeys })
    const { json } = await app.inject({ url: '/keys', cookies })
    t.equal(json().length, processes * requestsEach, `over ${where}`)
  }
})
