import secureSession from '@fastify/secure-session'
import Fastify from 'fastify'
import { form, page, secret, serve } from './serve.ts'

// The whole session is in the encrypted cookie: it cannot be ended early.
const app = Fastify()
await app.register(secureSession, { secret, salt: 'sixteen bytes it', cookie: { path: '/' } })

app.get('/fixed', async ({ session }, reply) => {
  return Reflect.get(session, 'user') ? reply.type('text/html').send(page) : reply.code(401).send()
})
app.get('/login', async (_request, reply) => reply.type('text/html').send(form))
app.get('/count', async ({ session }) => {
  const views = Number(Reflect.get(session, 'views') ?? 0) + 1
  Reflect.set(session, 'views', views)
  return { views }
})
app.post<{ Params: { name: string } }>('/enter/:name', async ({ session, params }) => {
  Reflect.set(session, 'user', params.name)
  return {}
})

await app.listen({ port: 0, host: '127.0.0.1' })
serve(app.server)
