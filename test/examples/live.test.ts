// group: real-processes
import { once } from 'node:events'
import { registerHooks } from 'node:module'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import type { LatchkeyOptions } from '../../src/settings/options.ts'
import { signedInCookies } from '../../src/testing.ts'
import { build, Visitor } from '../build.ts'
import { moduleUrl } from '../processes.ts'
import { patientSettings } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'

// In a clone there is no package yet.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'latchkey'
      ? { url: JSON.parse(moduleUrl('src/index.ts')), shortCircuit: true }
      : next(specifier, context)
})
const { live } = await import('../../examples/live/app.ts')

// Loads all files, which on a busy machine may take longer than Fastify gives a plugin.
await build(t)
const storagePatience = patientSettings.STORAGE_PATIENCE
const redis = await startRedis(t)
const stores: Record<string, LatchkeyOptions> = {
  'the embedded database': {},
  Redis: { redisUrl: redis.url, sessionSecret: 'x'.repeat(32) },
  'Redis without a cache': { redisUrl: redis.url, sessionSecret: 'x'.repeat(32), sessionCache: 0 }
}

async function start(t: Test, options: LatchkeyOptions) {
  const app = await live({ databaseUrl: 'file::memory:', storagePatience, ...options })
  t.teardown(() => app.close())
  const url = await app.listen({ port: 0 })
  const cookies = await signedInCookies(app, 'alice')
  const cookie = Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
  const visitor = Object.assign(new Visitor(app, 'program'), { cookies })
  return { app, url, cookie, visitor }
}

/** What a client hears until the socket closes. */
function connect(url: string, cookie?: string) {
  const headers = cookie === undefined ? {} : { cookie }
  const socket = Reflect.construct(WebSocket, [`${url.replace('http', 'ws')}/chat`, { headers }]) as WebSocket
  const heard: string[] = []
  socket.addEventListener('message', ({ data }) => heard.push(data))
  const closed = once(socket, 'close').then(([{ code, reason }]) => ({ code, reason }))
  return { socket, heard, closed }
}

for (const [name, options] of Object.entries(stores)) {
  t.test(`in ${name}, a WebSocket closes itself when its session ends`, async (t) => {
    const { app, url, cookie, visitor } = await start(t, options)
    const { socket, heard, closed } = connect(url, cookie)
    await once(socket, 'message')
    socket.send('good evening')
    await once(socket, 'message')
    t.equal((await visitor.post('/logout')).statusCode, 200)
    t.same(await closed, { code: 4401, reason: 'LATCHKEY_SESSION_ENDED' })
    t.same(heard, ['Hello, alice', 'alice: good evening'])
    t.equal(app[services].sessions.signals.size, 0)
  })
}
