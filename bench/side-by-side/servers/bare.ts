import Fastify from 'fastify'
import { Redis } from 'ioredis'
import { form, page, redisUrl, serve } from './serve.ts'

// The limit: the page without a session. /raw adds one GET, the least that a session in Redis can cost.
const app = Fastify()
const redis = new Redis(redisUrl)
await redis.set('raw', JSON.stringify({ cookie: { originalMaxAge: null }, user: 'alice' }))

app.get('/fixed', async (_request, reply) => reply.type('text/html').send(page))
app.get('/login', async (_request, reply) => reply.type('text/html').send(form))
app.get('/raw', async (_request, reply) => {
  const { user } = JSON.parse((await redis.get('raw')) ?? '{}')
  return user ? reply.type('text/html').send(page) : reply.code(401).send()
})
// A recorded response of another server, with its headers.
let answer: { readonly headers: Record<string, string>; readonly body: string } = { headers: {}, body: '' }
app.put<{ Body: typeof answer }>('/answer', async ({ body }, reply) => {
  const { date, connection, 'keep-alive': _, 'content-length': __, ...headers } = body.headers
  answer = { headers, body: body.body }
  return reply.code(204).send()
})
app.get('/answer', async (_request, reply) => reply.headers(answer.headers).send(answer.body))

await app.listen({ port: 0, host: '127.0.0.1' })
serve(app.server)
