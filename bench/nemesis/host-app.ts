import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import latchkey, { type LatchkeyOptions } from '../../src/index.ts'

// A small app that has the plugin, beside the service on the same stores: what its routes do with a session takes time.
const { NEMESIS_OPTIONS = '{}' } = process.env
const options: LatchkeyOptions = JSON.parse(NEMESIS_OPTIONS)

// The machine is busy, and stores are away.
const pluginTimeout = 60_000
const app = Fastify({ trustProxy: '127.0.0.1', forceCloseConnections: true, pluginTimeout })
await app.register(latchkey, options)

interface Slow {
  /** Milliseconds after the session was loaded, and after it was changed. */
  Querystring: { before?: string; after?: string }
}

app.get('/who', (request) => request.requireUser())

// An open connection: answered when the session has ended.
app.get('/hold', async (request) => {
  const { signedIn } = request
  if (!signedIn.aborted) await once(signedIn, 'abort')
  return { code: signedIn.reason.code }
})

app.post<Slow>('/regenerate', async (request) => {
  const { before, after } = request.query
  const user = await request.requireUser()
  await sleep(Number(before ?? 0))
  await request.session.regenerate(['user'])
  await sleep(Number(after ?? 0))
  return user
})

app.post<Slow>('/save', async (request) => {
  const { before, after } = request.query
  const user = await request.requireUser()
  const { session } = request
  await sleep(Number(before ?? 0))
  Reflect.set(session, 'saved', Date.now())
  await sleep(Number(after ?? 0))
  return user
})

const url = await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`Latchkey is ready at ${url}`)
