import cookie from '@fastify/cookie'
import fastifySession, { type SessionStore } from '@fastify/session'
import { RedisStore } from 'connect-redis'
import Fastify from 'fastify'
import { createClient } from 'redis'
import { form, page, redisUrl, secret, serve } from './serve.ts'

// With default options, or with TUNED=1 as an experienced user sets it up: it writes only changes.
const client = createClient({ url: redisUrl })
await client.connect()
const store = new RedisStore({ client, prefix: process.env.TUNED ? 'tuned:' : 'default:' })
const tuned = process.env.TUNED ? { saveUninitialized: false, rolling: false } : {}
const app = Fastify()
await app.register(cookie)
await app.register(fastifySession, {
  secret,
  store: store as unknown as SessionStore,
  cookie: { secure: false, maxAge: 86_400_000 },
  ...tuned
})

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
