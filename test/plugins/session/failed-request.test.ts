import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import latchkey, { StorageError } from '../../../src/index.ts'
import { services } from '../../../src/open-services.ts'
import { alice, build, countSessions, registerAlice, secret, Visitor } from '../../build.ts'

/** An app with Latchkey. Its error handler is Fastify's own. */
async function host(
  t: Test,
  routes: (app: FastifyInstance) => unknown,
  before = (_app: FastifyInstance) => {}
) {
  const app = Fastify({ pluginTimeout: 0 })
  t.teardown(() => app.close())
  before(app)
  await app.register(latchkey, {
    databaseUrl: `file:${t.testdir()}/latchkey.db`,
    sessionSecret: secret,
    sessionIdle: '10h',
    registration: 'open'
  })
  await routes(app)
  await app.ready()
  return app
}

function change({ session, id }: FastifyRequest): void {
  Reflect.set(session, 'lastRequest', id)
}

const responses: Record<string, (reply: FastifyReply) => unknown> = {
  'an-invalid-header': (reply) => reply.header('x-name', '日本').send('text'),
  'an-invalid-redirect': (reply) => reply.redirect('/日本', 303),
  'an-invalid-body': (reply) => reply.type('text/plain').send({ an: 'object' }),
  'two-bodies': (reply) => {
    reply.send('one')
    reply.send('two')
    return reply
  }
}

t.test('an invalid response is an error of its request, whether or not the session changed', async (t) => {
  const app = await host(t, (app) => {
    for (const [name, respond] of Object.entries(responses)) {
      const url = `/${name}`
      app.get(url, (_request, reply) => respond(reply))
      app.get(`${url}/changed`, (request, reply) => {
        change(request)
        return respond(reply)
      })
    }
  })
  const get = async (url: string) => {
    const { statusCode, body } = await new Visitor(app, 'program').get(url)
    return { statusCode, body }
  }
  for (const name of Object.keys(responses)) {
    const url = `/${name}`
    t.same(await get(`${url}/changed`), await get(url), name)
  }
})

/** Headers that a browser or a program would obey on an error page too. */
function headersOf(reply: FastifyReply) {
  return reply.headers({
    'hx-redirect': '/done',
    'content-disposition': 'attachment',
    'content-encoding': 'gzip',
    'set-cookie': 'done=yes',
    'x-hook': 'route'
  })
}

t.test('a complete response that fails leaves none of its headers on the error page', async (t) => {
  const fail = { onSend: failsOnce() }
  const app = await host(t, (app) => {
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers({ 'x-hook': 'app', 'set-cookie': 'hook=yes' })
    })
    app.get('/unsaved', async (request, reply) => {
      Reflect.set(request.session, 'big', 1n)
      return headersOf(reply).redirect('/done', 303)
    })
    app.get('/late', fail, async (_request, reply) => headersOf(reply).redirect('/done', 303))
    app.get('/stream', async (_request, reply) =>
      headersOf(reply).send(
        new Readable({
          read() {
            this.destroy(new Error('broken'))
          }
        })
      )
    )
    app.get('/error', async () => {
      throw new Error('from the beginning')
    })
  })
  const get = async (url: string) => {
    const { headers, statusCode } = await new Visitor(app, 'browser').get(url)
    const { date, 'content-length': length, 'content-type': type, ...others } = headers
    return { statusCode, others }
  }
  const { statusCode, others } = await get('/error')
  t.match(others, { 'x-hook': 'app', 'set-cookie': 'hook=yes' })
  for (const url of ['/late', '/stream']) t.same(await get(url), { statusCode, others }, url)
  const unsaved = await get('/unsaved')
  t.match(unsaved.others, others)
  t.notMatch(unsaved.others, { location: /./ })
  t.notMatch(unsaved.others, { 'hx-redirect': /./ })
  t.notMatch(unsaved.others, { 'content-disposition': /./ })
})

t.test('so it is on routes that were there before Latchkey, and where there is none', async (t) => {
  const unsaved = async (request: FastifyRequest, reply: FastifyReply) => {
    change(request)
    Reflect.set(request.session, 'big', 1n)
    return headersOf(reply).send('done')
  }
  const earlier = (app: FastifyInstance) => {
    app.get('/unsaved', unsaved)
    app.get('/without', { config: { session: false } }, ({ session, sessionData }) =>
      Object.keys({ ...session, ...sessionData })
    )
  }
  const later = (app: FastifyInstance) => {
    app.setNotFoundHandler(unsaved)
    app.get('/user', ({ session }) => session.user)
  }
  for (const app of [await host(t, later, earlier), await host(t, later)]) {
    const { headers, statusCode } = await new Visitor(app, 'browser').get('/unsaved')
    t.same([statusCode, headers['hx-redirect'], headers['set-cookie']], [500, undefined, undefined])
  }
  const app = await host(t, later, earlier)
  const browser = await registerAlice(app)
  t.equal((await browser.get('/user')).body, 'alice')
  t.same((await browser.get('/without')).json(), ['cookie'], 'whether or not the session is cached')
})

t.test('an error handler has the headers that the handler set before it failed', async (t) => {
  const app = await host(t, (app) =>
    app.get('/', async (_request, reply) => {
      reply.header('x-reason', 'known')
      throw new Error('known')
    })
  )
  t.match((await new Visitor(app, 'program').get('/')).headers, { 'x-reason': 'known' })
})

/** A hook that fails for each response once, so that the error page is sent. */
function failsOnce() {
  const failed = new WeakSet<object>()
  return async (request: FastifyRequest) => {
    if (failed.has(request)) return
    failed.add(request)
    throw new Error('too late')
  }
}

t.test('a response that fails late sets each cookie once, and the session is saved', async (t) => {
  const app = await host(t, (app) => {
    app.addHook('onSend', failsOnce())
    app.get('/count', async (request) => change(request))
    app.get('/last', async ({ sessionData }) => sessionData.lastRequest)
  })
  const program = new Visitor(app, 'program')
  t.equal([(await program.get('/count')).headers['set-cookie']].flat().length, 1)
  t.equal(countSessions(app), 1)
  const browser = new Visitor(app, 'browser')
  await browser.submit('/register', alice)
  t.same(Object.keys(browser.cookies), ['latchkey', 'latchkey-browser'])
  const names = [(await browser.submit('/login', alice)).headers['set-cookie']]
    .flat()
    .map((line) => line?.split('=')[0])
  t.same(names, ['latchkey', 'latchkey-browser'])
  t.same([(await browser.submit('/logout')).headers['set-cookie']].flat().length, 1)
})

t.test('a failed request that cannot save its session either answers why not', async (t) => {
  const fails = (app: FastifyInstance) =>
    app.get('/fails', async ({ session }) => {
      Reflect.set(session, 'big', 1n)
      throw Object.assign(new Error('not here'), { statusCode: 404 })
    })
  const service = await build(t, { routes: fails })
  for (const app of [service, await host(t, fails)]) {
    const problem = await new Visitor(app, 'program').get('/fails')
    t.match(problem.json(), { status: 500, code: 'LATCHKEY_SESSION_DATA' })
    const page = await new Visitor(app, 'browser').get('/fails')
    t.match(page.headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    t.equal(countSessions(app), 0)
  }
})

t.test(
  'a session that an error handler cannot save is an error without that handler’s headers',
  async (t) => {
    const app = await host(t, (app) => {
      app.setErrorHandler(async (error, { session }, reply) => {
        Reflect.set(session, 'big', 1n)
        return reply.header('hx-redirect', '/').redirect(`/?failed=${error}`)
      })
      app.get('/', async () => {
        throw new Error('broken')
      })
    })
    const { statusCode, headers } = await new Visitor(app, 'browser').get('/')
    t.same([statusCode, headers.location, headers['hx-redirect']], [500, undefined, undefined])
  }
)

t.test('session changes of a failed request are saved', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.get('/fails', async (request) => {
        change(request)
        throw new Error('after all')
      })
      app.get('/last', async ({ sessionData }) => sessionData.lastRequest ?? 'nothing')
    }
  })
  const browser = await registerAlice(app)
  t.equal((await browser.get('/fails')).statusCode, 500)
  t.not((await browser.get('/last')).body, 'nothing')
})

t.test('a stored sign-in has its cookie, even if the rest of the request finds the store down', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.get('/enter', async (_request, reply) => {
        const verified = await app[services].accounts.verify(alice)
        if (verified.ok) await reply.signIn(verified.account)
        throw new StorageError('Redis', new Error('away'))
      })
      app.get('/read', async ({ sessionData }) => sessionData.user ?? 'nobody')
    }
  })
  const browser = await registerAlice(app)
  const { latchkey: before } = browser.cookies
  t.equal((await browser.get('/enter')).statusCode, 503)
  t.not(browser.cookies.latchkey, before)
  t.equal((await browser.get('/read')).body, 'alice')
})

t.test('if the previous session cannot be ended or renewed, a sign-in changes nothing', async (t) => {
  const app = await build(t, {
    routes: (app) => app.get('/read', async ({ sessionData }) => sessionData.user ?? 'nobody')
  })
  const browser = await registerAlice(app)
  const { sessions } = app[services]
  const steps = {
    '/login': { method: 'supersede', form: alice },
    '/confirm': { method: 'rotate', form: { password: alice.password } }
  } as const
  for (const [url, { method, form }] of Object.entries(steps)) {
    const before = { ...browser.cookies }
    const { [method]: whole } = sessions
    Object.assign(sessions, {
      [method]: () => {
        Object.assign(sessions, { [method]: whole })
        return Promise.reject(new StorageError('Redis', new Error('away')))
      }
    })
    t.equal((await browser.submit(url, form)).statusCode, 503, url)
    t.same(browser.cookies, before)
    t.equal((await browser.get('/read')).body, 'alice')
    t.equal(countSessions(app), 1)
  }
})

t.test('a visitor whose session cannot be read gets no new one', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.get('/open', { config: { session: 'if-reachable' } }, async (request) => change(request))
      app.get('/read', async ({ sessionData }) => sessionData.user ?? 'nobody')
    }
  })
  const browser = await registerAlice(app)
  const { sessions } = app[services]
  const { lookUp, peek } = sessions
  Object.assign(sessions, {
    lookUp: () => Promise.reject(new StorageError('Redis', new Error('away'))),
    peek: () => undefined
  })
  const answer = await browser.get('/open')
  Object.assign(sessions, { lookUp, peek })
  t.same([answer.statusCode, answer.headers['set-cookie']], [200, undefined])
  t.equal((await browser.get('/read')).body, 'alice')
  t.equal(countSessions(app), 1)
})
