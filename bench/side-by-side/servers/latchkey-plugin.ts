import Fastify from 'fastify'
import latchkey from '../../../src/index.ts'
import { form, page, redisUrl, secret, serve } from './serve.ts'

// The plugin in a host app: a page behind `requireUser`.
const app = Fastify()
const databaseUrl = process.env.DATABASE_URL
await app.register(latchkey, { pages: false, redisUrl, databaseUrl, sessionSecret: secret })

app.get('/fixed', async (request, reply) => {
  await request.requireUser()
  return reply.type('text/html').send(page)
})
app.get('/login', async (_request, reply) => reply.type('text/html').send(form))
app.get('/count', async ({ session }) => {
  const views = Number(Reflect.get(session, 'views') ?? 0) + 1
  Reflect.set(session, 'views', views)
  return { views }
})
app.post<{ Params: { name: string } }>('/enter/:name', async ({ params }, reply) => {
  await reply.signIn({ name: params.name, role: 'user' })
  return {}
})
app.post('/leave', async (_request, reply) => {
  await reply.signOut()
  return {}
})

await app.listen({ port: 0, host: '127.0.0.1' })
serve(app.server)
