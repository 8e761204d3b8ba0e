import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import t, { type Test } from 'tap'
import latchkey, { type LatchkeyOptions } from '../../../src/index.ts'
import { schemaController } from '../../../src/server/schema-compilers.ts'
import { alice, secret, Visitor } from '../../build.ts'

const settings: LatchkeyOptions = {
  databaseUrl: 'file::memory:',
  sessionSecret: secret,
  sessionIdle: '10h',
  registration: 'open'
}

/** When an app registers @fastify/cookie, with options that do not suit the session cookie. */
const times = ['before Latchkey', 'after it', 'after it, in a scope'] as const
const parseOptions = { domain: 'elsewhere.example', maxAge: 7, decode: (value: string) => `<${value}>` }

type Routes = (app: FastifyInstance) => unknown

async function open(t: Test, time: (typeof times)[number] | 'never', routes: Routes, options = {}) {
  const app = Fastify({ pluginTimeout: 0, schemaController })
  t.teardown(() => app.close())
  if (time === 'before Latchkey') await app.register(cookie, options)
  await app.register(latchkey, settings)
  if (time === 'after it') await app.register(cookie, options)
  await app.register(async (scope) => {
    if (time === 'after it, in a scope') await scope.register(cookie, options)
    await routes(scope)
  })
  await app.ready()
  return app
}

function reading(app: FastifyInstance) {
  return async (url = '/', cookies = 'one=1; two=2') => {
    const answer = await app.inject({ url, headers: cookies ? { cookie: cookies } : {} })
    return { body: answer.body, set: [answer.headers['set-cookie'] ?? []].flat() }
  }
}

for (const time of times) {
  t.test(`an app that registers @fastify/cookie ${time}`, async (t) => {
    t.test('has its cookies, as the plugin documents', async (t) => {
      const app = await open(t, time, (app) => {
        app.addHook('onSend', async ({ url }, reply) => {
          if (url === '/late') reply.setCookie('late', '1')
        })
        app.get('/', async (request, reply) => {
          Object.assign(request.cookies, { three: '3' })
          reply.setCookie('four', '4').clearCookie('five')
          return request.cookies
        })
        app.get('/late', async () => 'text')
        app.get('/fails', async (_, reply) => {
          reply.setCookie('one', '1')
          throw new Error('after all')
        })
      })
      const get = reading(app)
      t.match(await get(), {
        body: '{"one":"1","two":"2","three":"3"}',
        set: ['four=4; SameSite=Lax', /^five=; Max-Age=0; Path=\//]
      })
      t.same((await get('/late')).set, ['late=1; SameSite=Lax'])
      t.same((await get('/fails')).set, ['one=1; SameSite=Lax'])
    })

    t.test('has its own options, and gets both cookies in one response', async (t) => {
      const routes: Routes = (app) => {
        app.get('/cart', async ({ session, cookies }, reply) => {
          reply.setCookie('app', '1')
          Object.assign(session, { cart: 'bread' })
          return cookies
        })
      }
      const app = await open(t, time, routes, { parseOptions })
      const visitor = new Visitor(app, 'browser')
      const first = await visitor.get('/cart')
      const [ofApp, ofSession] = [first.headers['set-cookie']].flat().sort()
      t.equal(ofApp, 'app=1; Max-Age=7; Domain=elsewhere.example; SameSite=Lax')
      t.match(ofSession, /^latchkey=s(:|%3A)[^;]+; Path=\/; HttpOnly; SameSite=Lax$/)
      t.match((await visitor.get('/cart')).json(), { app: '<1>' })
      t.same(
        (await visitor.get('/cart')).cookies.map(({ name }) => name),
        ['app'],
        'the session goes on'
      )
      await visitor.submit('/register', alice)
      t.equal((await visitor.get('/account')).statusCode, 200)
    })

    t.test('can have plugins that need it', async (t) => {
      const needy = fp(async (app) => void app.decorate('served', true), {
        dependencies: ['@fastify/cookie']
      })
      const app = await open(t, time, async (app) => {
        await app.register(needy)
        app.get('/', async () => Reflect.get(app, 'served'))
      })
      t.equal((await reading(app)()).body, 'true')
    })
  })
}

t.test('an app without @fastify/cookie sets cookies by header, beside the session’s', async (t) => {
  const app = await open(t, 'never', (app) => {
    t.notOk(app.hasReplyDecorator('setCookie'))
    app.get('/', async ({ session }, reply) => {
      Object.assign(session, { cart: 'bread' })
      return reply.header('set-cookie', ['one=1', 'two=2']).send('text')
    })
  })
  t.match((await reading(app)()).set, ['one=1', 'two=2', /^latchkey=/])
})
