import Fastify from 'fastify'
import { Redis } from 'ioredis'
import { form, page, redisUrl, serve } from './serve.ts'

// The limit: the page without any session. At /raw with one GET, which is all that a session in Redis can cost.
const app = Fastify()
const redis = new Redis(redisUrl)
await redis.set('raw', JSON.stringify({ cookie: { originalMaxAge: null }, user: 'alice' }))

app.get('/fixed', async (_request, reply) => reply.type('text/html').send(page))
app.get('/login', async (_request, reply) => reply.type('text/html').send(form))
app.get('/raw', async (_request, reply) => {
  const { user } = JSON.parse((await redis.get('raw')) ?? '{}')
  return user ? reply.type('text/html').send(page) : reply.code(401).send()
})

await app.listen({ port: 0, host: '127.0.0.1' })
serve(app.server)
