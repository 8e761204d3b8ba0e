// group: real-processes
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import type { LatchkeyOptions } from '../../src/settings/options.ts'
import { signedInCookies } from '../../src/testing.ts'
import { build, Visitor } from '../build.ts'
import { moduleUrl } from '../processes.ts'
import { patientSettings } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'
import { cookieHeader, openSocket } from '../web-socket.ts'

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
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const cookies = await signedInCookies(app, 'alice')
  return { app, url, cookies, visitor: Object.assign(new Visitor(app, 'program'), { cookies }) }
}

for (const [name, options] of Object.entries(stores)) {
  t.test(
    `in ${name}, a WebSocket and an event stream close themselves when their session ends`,
    async (t) => {
      const { app, url, cookies, visitor } = await start(t, options)
      const nobody = { code: 4401, reason: 'LATCHKEY_SIGN_IN_REQUIRED' }
      t.same(await openSocket(`${url}/chat`).closed, nobody)
      t.equal((await fetch(`${url}/time`)).status, 401)

      const { socket, heard, closed } = openSocket(`${url}/chat`, cookies)
      await once(socket, 'message')
      socket.send('good evening')
      await once(socket, 'message')
      const stream = await fetch(`${url}/time`, { headers: { cookie: cookieHeader(cookies) } })
      t.equal((await visitor.post('/logout')).statusCode, 200)
      t.same(await closed, { code: 4401, reason: 'LATCHKEY_SESSION_ENDED' })
      t.same(heard, ['Hello, alice', 'alice: good evening'])
      t.match(await stream.text(), /event: signed-out\ndata: LATCHKEY_SESSION_ENDED\n\n$/)
      t.equal(app[services].sessions.signals.size, 0)
    }
  )
}

t.test('the README shows this program', async (t) => {
  const read = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8')
  const [, shown = ''] =
    /## Connections that stay open\n[\s\S]*?```ts\n([\s\S]+?)```/.exec(read('README.md')) ?? []
  t.ok(shown)
  t.equal(shown, read('examples/live/app.ts'))
})
