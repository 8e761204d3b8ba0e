import '../../../src/start/preload.ts'
import Fastify from 'fastify'
import latchkey from '../../../src/app.ts'
import { services } from '../../../src/open-services.ts'
import { serverOptions } from '../../../src/server/server-options.ts'
import { readConfig } from '../../../src/settings/config.ts'
import { serve } from './serve.ts'

// The service as `npm start` runs it, on Redis or the embedded database.
const config = readConfig({ REGISTRATION: 'open', ...process.env })
const app = Fastify({ ...serverOptions(config), logger: { level: 'warn' } })
await app.register(latchkey, { config })

app.post<{ Params: { name: string } }>('/enter/:name', async ({ params }, reply) => {
  const name = params.name
  await reply.signIn({ name, role: 'user' })
  return {}
})
app.post<{ Params: { count: number } }>('/members/:count', async ({ params }) => {
  const password = 'correct horse battery'
  for (let n = 0; n < params.count; n += 1)
    await app[services].accounts.add({ username: `member-${n}`, password })
  return {}
})
// The dashboard of person-1 with the same headers, but without a session.
const signedIn = { signedInAs: 'person-1', timeLeft: { idleSeconds: 1740, mostSeconds: 43_199 } }
app.get('/same-view', { config: { session: false } }, async (_request, reply) => {
  const session = { startedAt: Date.now(), address: '127.0.0.1' }
  return reply.page('dashboard', { ...signedIn, user: 'person-1', session })
})

await app.listen({ port: 0, host: '127.0.0.1' })
serve(app.server)
