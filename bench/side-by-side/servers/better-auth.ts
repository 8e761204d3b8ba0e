import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { fromNodeHeaders } from 'better-auth/node'
import Fastify from 'fastify'
import { Redis } from 'ioredis'
import { form, page, redisUrl, secret, serve } from './serve.ts'

// Sessions in Redis as secondary storage; with COOKIE_CACHE=1 the cookie is trusted for five minutes.
const redis = new Redis(redisUrl)
const auth = betterAuth({
  secret,
  baseURL: 'http://127.0.0.1',
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
  secondaryStorage: {
    get: (key) => redis.get(key),
    getAndDelete: (key) => redis.getdel(key),
    increment: (key) => redis.incr(key),
    set: async (key, value, ttl) =>
      void (ttl ? await redis.set(key, value, 'EX', ttl) : await redis.set(key, value)),
    delete: async (key) => void (await redis.del(key))
  },
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  session: { cookieCache: { enabled: Boolean(process.env.COOKIE_CACHE), maxAge: 300 } }
})
const app = Fastify()

app.get('/fixed', async ({ headers }, reply) => {
  const session = await auth.api.getSession({ headers: fromNodeHeaders(headers) })
  return session ? reply.type('text/html').send(page) : reply.code(401).send()
})
app.get('/login', async (_request, reply) => reply.type('text/html').send(form))
app.post<{ Params: { name: string } }>('/enter/:name', async ({ params: { name } }, reply) => {
  const body = { name, email: `${name}@example.org`, password: 'correct horse battery' }
  const { headers } = await auth.api.signUpEmail({ body, returnHeaders: true })
  return reply.header('set-cookie', headers.getSetCookie()).send({})
})

await app.listen({ port: 0, host: '127.0.0.1' })
serve(app.server)
