import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import t, { type Test } from 'tap'
import latchkey from '../../../src/index.ts'
import { secret } from '../../build.ts'

/** An app whose routes and hooks deal in cookies, with @fastify/cookie of its own or with ours. */
async function open(t: Test, isOwn: boolean, routes: (app: FastifyInstance) => unknown) {
  const app = Fastify({ pluginTimeout: 0 })
  if (isOwn) await app.register(cookie)
  await app.register(latchkey, { databaseUrl: 'file::memory:', sessionSecret: secret, pages: false })
  await routes(app)
  t.teardown(() => app.close())
  return async (url = '/', cookies = 'one=1; two=2') => {
    const answer = await app.inject({ url, headers: cookies ? { cookie: cookies } : {} })
    return { body: answer.body, set: [answer.headers['set-cookie'] ?? []].flat() }
  }
}

for (const isOwn of [true, false]) {
  t.test(isOwn ? 'with @fastify/cookie of the app' : 'without', async (t) => {
    t.test('a route reads them', async (t) => {
      const get = await open(t, isOwn, (app) => app.get('/', async ({ cookies }) => cookies))
      t.equal((await get()).body, '{"one":"1","two":"2"}')
      t.equal((await get('/', '')).body, '{}')
    })

    t.test('what was done to them stays when one is set', async (t) => {
      const get = await open(t, isOwn, (app) =>
        app.get('/', async (request, reply) => {
          delete request.cookies.one
          Object.assign(request.cookies, { three: '3' })
          reply.setCookie('four', '4')
          return request.cookies
        })
      )
      t.same(await get(), { body: '{"two":"2","three":"3"}', set: ['four=4; SameSite=Lax'] })
    })

    t.test('the last of one name is sent, at whatever time it was set', async (t) => {
      const get = await open(t, isOwn, (app) => {
        app.addHook('onSend', async ({ url }, reply) => {
          if (url !== '/early') reply.setCookie('late', '1').setCookie('later', '2')
        })
        app.get('/early', async (_, reply) => reply.setCookie('early', '0').cookie('early', '1').send('text'))
        app.get('/both', async (_, reply) => reply.clearCookie('early').send('text'))
        app.get('/late', async () => 'text')
      })
      const late = ['late=1; SameSite=Lax', 'later=2; SameSite=Lax']
      t.same((await get('/early')).set, ['early=1; SameSite=Lax'])
      t.match((await get('/both')).set, [/^early=; Max-Age=0; Path=\//, ...late])
      t.same((await get('/late')).set, late)
    })

    t.test('a plugin that needs them finds them', async (t) => {
      const needy = fp(async (app) => void app.decorate('served', true), {
        dependencies: ['@fastify/cookie']
      })
      const get = await open(t, isOwn, async (app) => {
        await app.register(needy)
        app.get('/', async () => Reflect.get(app, 'served'))
      })
      t.equal((await get()).body, 'true')
    })

    t.test('an answer that fails has those set before', async (t) => {
      const get = await open(t, isOwn, (app) =>
        app.get('/', async (_, reply) => {
          reply.setCookie('one', '1')
          throw new Error('after all')
        })
      )
      t.same((await get()).set, ['one=1; SameSite=Lax'])
    })
  })
}
