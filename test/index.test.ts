import { inspect } from 'node:util'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import staticFiles from '@fastify/static'
import view from '@fastify/view'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import latchkey, {
  ConfigError,
  type LatchkeyError,
  type LatchkeyOptions,
  RecentProofRequiredError
} from '../src/index.ts'
import { services } from '../src/open-services.ts'
import { schemaController } from '../src/server/schema-compilers.ts'
import { signedInCookies } from '../src/testing.ts'
import { accountOf, alice, secret, Visitor } from './build.ts'
import { eventually } from './servers/eventually.ts'
import { patientSettings } from './servers/patience.ts'

declare module 'fastify' {
  interface Session {
    cart?: string[]
  }
}

interface HostOptions extends LatchkeyOptions {
  /** What the app registers before Latchkey. */
  readonly before?: (app: FastifyInstance) => unknown
  readonly routes?: (app: FastifyInstance) => unknown
}

/** A host app with Latchkey, closed when the test ends. */
async function host(t: Test, { before, routes, ...options }: HostOptions = {}) {
  const app = Fastify({ pluginTimeout: 0, schemaController })
  t.teardown(() => app.close())
  await before?.(app)
  const { STORAGE_PATIENCE: storagePatience } = patientSettings
  await app.register(latchkey, {
    databaseUrl: 'file::memory:',
    registration: 'open',
    // Sessions last when the clock is set forward meanwhile.
    sessionIdle: '10h',
    storagePatience,
    ...options
  })
  app.get('/mine', (request) => request.requireUser())
  app.post('/mine', async () => 'changed')
  await routes?.(app)
  await app.ready()
  return app
}

/** Registers alice on our page of a host app. */
async function registered(app: FastifyInstance) {
  const visitor = new Visitor(app, 'browser')
  await visitor.submit('/register', alice)
  return visitor
}

t.test(
  'the log of the app has the link to the first account, without which nobody behind a proxy is first',
  async (t) => {
    const app = await host(t, {
      ...{ registration: 'first', prefix: '/auth', publicUrl: 'https://example.org', sessionSecret: secret },
      admin: '/people'
    })
    const told = t.capture(app.log, 'info')
    await app.listen({ port: 0, host: '127.0.0.1' })
    const link = `https://example.org/auth/register?code=${await app[services].firstAccount.code()}`
    const lines = () => told().map(({ args }) => String(args[0]))
    const seen: string[] = []
    await eventually('the link', () => {
      seen.push(...lines())
      return seen.some((line) => line.endsWith(link))
    })
    const registers = (await new Visitor(app, 'program').get(link.slice('https://example.org'.length)))
      .statusCode
    t.equal(registers, 200)
  }
)

t.test('a route of the app knows who is signed in', async (t) => {
  const app = await host(t)
  const visitor = await registered(app)
  const { id } = await accountOf(app)
  t.same((await visitor.get('/mine')).json(), { id, name: 'alice', role: 'user' })
})

t.test('nothing that a request writes into what it was given reaches another request', async (t) => {
  const routes = (app: FastifyInstance) => {
    app.post('/cart', async ({ session }) => {
      session.cart = ['pear']
    })
    app.get('/read', async (request) => {
      const { sessionData: data, sessionUser } = request
      const user = await request.requireUser()
      const read = structuredClone({ user, sessionUser, data })
      Object.assign(user, { role: 'admin', more: true })
      for (const given of [sessionUser, data, data.cart, data.cookie])
        if (given) Reflect.set(given, '0', 'bob')
      return read
    })
  }
  const visitor = await registered(await host(t, { routes }))
  await visitor.post('/cart')
  const first = (await visitor.get('/read')).json()
  t.match(first, { user: { name: 'alice', role: 'user' }, data: { cart: ['pear'] } })
  t.same((await visitor.get('/read')).json(), first)
})

t.test('a browser that is not signed in goes to our page and comes back, a program gets 401', async (t) => {
  const app = await host(t)
  const browser = new Visitor(app, 'browser')
  t.equal((await browser.get('/mine')).headers.location, '/login?next=%2Fmine')
  await registered(app)
  t.equal((await browser.submit('/login', { ...alice, next: '/mine' })).headers.location, '/mine')
  const program = await new Visitor(app, 'program').get('/mine')
  t.equal(program.statusCode, 401)
  t.match(program.json(), { code: 'LATCHKEY_SIGN_IN_REQUIRED' })
})

/** An app with a cart and a wish list in the session. */
function shop(t: Test, { routes: more, ...options }: HostOptions = {}) {
  const routes = (app: FastifyInstance) => {
    more?.(app)
    app.put<{ Body: { cart: string[] } }>('/cart', async ({ session, body: { cart } }) => {
      Object.assign(session, { cart, wishes: cart })
      return cart
    })
    app.get('/cart', async ({ sessionData: { cart, wishes, user } }) => ({ cart, wishes, user }))
  }
  return host(t, { routes, ...options })
}

t.test('session data named in keepAtSignIn is still there after signing in', async (t) => {
  const app = await shop(t, { keepAtSignIn: ['cart'] })
  await registered(app)
  const visitor = new Visitor(app, 'browser')
  await visitor.put('/cart', { cart: ['bread'] })
  await visitor.submit('/login', alice)
  t.same((await visitor.get('/cart')).json(), { cart: ['bread'], user: 'alice' }, 'and nothing else')

  await visitor.submit('/login', alice)
  t.same((await visitor.get('/cart')).json().cart, ['bread'], 'signing in again as the same user')
})

t.test('session data named in keepAtSignIn is still there after registering', async (t) => {
  const visitor = new Visitor(await shop(t, { keepAtSignIn: ['cart'] }), 'browser')
  await visitor.put('/cart', { cart: ['bread'] })
  await visitor.submit('/register', alice)
  t.same((await visitor.get('/cart')).json(), { cart: ['bread'], user: 'alice' })
})

t.test('no other session data is carried over at sign-in, and never another person’s', async (t) => {
  const careful = new Visitor(await shop(t), 'browser')
  await careful.put('/cart', { cart: ['bread'] })
  await careful.submit('/register', alice)
  t.same((await careful.get('/cart')).json(), { user: 'alice' })

  const shared = await registered(await shop(t, { keepAtSignIn: ['cart'] }))
  await shared.put('/cart', { cart: ['bread'] })
  await shared.submit('/register', { ...alice, username: 'bob' })
  t.same((await shared.get('/cart')).json(), { user: 'bob' })
})

t.test('whoever registers a name that was removed gets no session data of its former owner', async (t) => {
  const anew = async () => {
    await app.latchkey.accounts.remove('alice')
    await app.latchkey.accounts.add(alice)
  }
  const app = await shop(t, {
    keepAtSignIn: ['cart'],
    routes: (app) => {
      app.put('/named', async ({ session }) => Object.assign(session, { user: 'alice' }) && {})
      // The former owner's session was loaded before.
      app.put('/late', async ({ session }, reply) => {
        if (session.user === 'alice') await anew()
        return reply.signIn(await accountOf(app))
      })
    }
  })
  const cartAfter = async (...steps: ((visitor: Visitor) => unknown)[]) => {
    const visitor = new Visitor(app, 'browser')
    for (const step of steps) await step(visitor)
    return (await visitor.get('/cart')).json()
  }
  const signIn = (visitor: Visitor) => visitor.submit('/login', alice)
  const fill = (visitor: Visitor) => visitor.put('/cart', { cart: ['bread'] })
  const late = (visitor: Visitor) => visitor.put('/late', {})
  await app.latchkey.accounts.add(alice)
  t.same(await cartAfter(signIn, fill, anew, signIn), { user: 'alice' }, 'a session of before')
  t.same(await cartAfter(signIn, fill, late), { user: 'alice' }, 'one that was in use meanwhile')
  const named = (visitor: Visitor) => visitor.put('/named', {})
  t.same(await cartAfter(named, fill, signIn), { user: 'alice' }, 'one of the name alone')
  t.match(await cartAfter(signIn, fill, signIn), { cart: ['bread'] }, 'the same owner keeps it')
})

t.test('signing in leads to home, which is / by default', async (t) => {
  for (const [options, home] of [
    [{}, '/'],
    [{ home: '/start' }, '/start']
  ] as const) {
    const visitor = await registered(await host(t, options))
    t.equal((await visitor.submit('/login', alice)).headers.location, home)
    t.equal((await visitor.get('/login')).headers.location, home)
  }
})

t.test('the app’s session data is typed and stored', async (t) => {
  const routes = (app: FastifyInstance) =>
    app.post<{ Body: { item: string } }>('/cart', async ({ session, body }) => {
      session.cart = [...(session.cart ?? []), body.item]
      // @ts-expect-error the cart has a type
      session.cart satisfies number[]
      return session.cart
    })
  const visitor = new Visitor(await host(t, { routes }), 'program')
  await visitor.post('/cart', { item: 'apple' })
  t.same((await visitor.post('/cart', { item: 'pear' })).json(), ['apple', 'pear'])
})

t.test('the app’s error handler gets the app’s errors, ours answers for our routes', async (t) => {
  const errors: string[] = []
  const app = await host(t, {
    routes: (app) => {
      app.setErrorHandler<Error>(({ message }, _request, reply) => reply.code(418).send({ message }))
      app.addHook('onError', async (_request, _reply, { message }) => void errors.push(message))
      app.register(async (scope) => {
        scope.setErrorHandler<Error>((_error, _request, reply) => reply.code(419).send())
        scope.get('/inner', async () => Promise.reject(new Error('inner')))
        scope.get('/inner/mine', (request) => request.requireUser())
      })
      app.get('/outer', async () => Promise.reject(new Error('outer')))
      app.get(
        '/handled',
        { errorHandler: async (_error, _request, reply) => reply.code(420).send() },
        (request) => request.requireUser()
      )
    }
  })
  const program = new Visitor(app, 'program')
  t.same((await program.get('/outer')).json(), { message: 'outer' })
  t.equal((await program.get('/outer')).statusCode, 418)
  t.equal((await program.get('/inner')).statusCode, 419)
  t.equal((await program.get('/inner/mine')).statusCode, 401)
  t.equal((await program.get('/mine')).statusCode, 401)
  t.equal((await program.get('/handled')).statusCode, 420, 'a route’s own handler comes first')
  t.same(errors.slice(0, 3), ['outer', 'outer', 'inner'], 'each is logged once')
  t.equal((await program.post('/login', {})).json().code, 'LATCHKEY_BAD_INPUT', 'our pages have our handler')
})

t.test(
  'with errors: host the app’s handlers get every error of ours, and lead browsers to sign-in',
  async (t) => {
    const seen: unknown[] = []
    const app = await host(t, {
      errors: 'host',
      routes: (app) => {
        app.setErrorHandler<LatchkeyError>((error, request, reply) => {
          seen.push(error.code)
          const path = request.signInPath(error)
          if (path !== undefined) return reply.redirect(path, 303)
          return reply.code(error.statusCode).headers(error.headers).send({ ours: error })
        })
        app.get('/admin', (request) => request.requireUser({ role: 'admin' }))
        app.get('/recent', async () => Promise.reject(new RecentProofRequiredError()))
        app.post('/unsaved', async ({ session }) => {
          Object.assign(session, { large: 'x'.repeat(100_000) })
          throw new Error('of the app')
        })
        app.register(async (scope) => {
          scope.setErrorHandler<Error>((_error, _request, reply) => reply.code(419).send())
          scope.get('/inner', (request) => request.requireUser())
        })
      }
    })
    const program = new Visitor(app, 'program')
    const refused = await program.get('/mine')
    t.match(refused, {
      statusCode: 401,
      headers: { 'www-authenticate': /Session/, 'cache-control': 'no-store' }
    })
    t.match(refused.json(), { ours: { status: 401, code: 'LATCHKEY_SIGN_IN_REQUIRED', detail: /sign in/i } })
    t.equal((await program.get('/inner')).statusCode, 419, 'the nearest handler')
    t.equal((await new Visitor(app, 'browser').get('/mine')).headers.location, '/login?next=%2Fmine')
    const browser = await registered(app)
    t.equal((await browser.get('/admin')).statusCode, 403)
    t.equal((await browser.get('/recent')).headers.location, '/confirm?next=%2Frecent')
    const crossSite = { 'sec-fetch-site': 'cross-site', accept: 'text/html' }
    t.equal((await app.inject({ method: 'POST', url: '/mine', headers: crossSite })).statusCode, 403)
    t.match((await browser.post('/unsaved')).json(), { ours: { status: 500 } })
    t.same(seen.slice(-5), [
      'LATCHKEY_SIGN_IN_REQUIRED',
      'LATCHKEY_ROLE_REQUIRED',
      'LATCHKEY_RECENT_PROOF_REQUIRED',
      'LATCHKEY_CROSS_SITE',
      'LATCHKEY_SESSION_DATA'
    ])
    t.match(
      (await browser.post('/login', { username: 'alice' })).body,
      /<!doctype html>/,
      'our pages have ours'
    )
  }
)

t.test('Fastify’s own handler answers an error of ours with its status, headers and message', async (t) => {
  const app = await host(t, { errors: 'host' })
  const { statusCode, headers, body } = await new Visitor(app, 'program').get('/mine')
  t.match({ statusCode, headers }, { statusCode: 401, headers: { 'www-authenticate': /Session/ } })
  t.match(JSON.parse(body), { statusCode: 401, code: 'LATCHKEY_SIGN_IN_REQUIRED', message: /sign in/i })
})

t.test('the app answers 404 itself', async (t) => {
  const routes = (app: FastifyInstance) =>
    app.setNotFoundHandler((_request, reply) => reply.code(404).send('nothing of mine'))
  t.equal((await new Visitor(await host(t, { routes }), 'browser').get('/nothing')).body, 'nothing of mine')
})

t.test('our headers are only on our pages', async (t) => {
  const app = await host(t, { routes: (app) => app.get('/', async () => 'home') })
  const ours = await new Visitor(app, 'browser').get('/login')
  t.match(ours.headers, { 'content-security-policy': /default-src 'none'/, 'x-frame-options': 'DENY' })
  const theirs = await new Visitor(app, 'browser').get('/')
  for (const name of ['content-security-policy', 'x-frame-options', 'cache-control'])
    t.notOk(theirs.headers[name], name)
})

t.test('the app parses bodies in its way, our pages in ours', async (t) => {
  const app = await host(t, {
    before: (app) =>
      app.addContentTypeParser('application/x-mine', { parseAs: 'string' }, async () => 'mine'),
    routes: (app) => {
      app.post('/text', async ({ body }) => ({ body }))
      app.post('/large', { bodyLimit: 200_000 }, async () => 'taken')
    }
  })
  const post = (url: string, type: string, payload: string) =>
    app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload })
  t.same((await post('/text', 'text/plain', 'hello')).json(), { body: 'hello' })
  t.same((await post('/text', 'application/x-mine', 'x')).json(), { body: 'mine' })
  t.equal((await post('/large', 'text/plain', 'x'.repeat(100_000))).body, 'taken')
  t.equal((await post('/login', 'application/x-mine', 'x')).statusCode, 415)
  t.equal((await post('/login', 'application/json', `"${'x'.repeat(70_000)}"`)).statusCode, 413)
})

t.test('cross-site requests are refused on routes of the app, unless a route allows them', async (t) => {
  const app = await host(t, {
    routes: (app) => app.post('/open', { config: { crossSite: true } }, async () => 'changed')
  })
  const headers = {
    'sec-fetch-site': 'cross-site',
    origin: 'https://evil.example',
    accept: 'application/json'
  }
  const post = (url: string) => app.inject({ method: 'POST', url, headers })
  t.match((await post('/mine')).json(), { status: 403, code: 'LATCHKEY_CROSS_SITE' })
  t.equal((await post('/open')).body, 'changed')
  t.equal((await app.inject({ method: 'POST', url: '/mine' })).body, 'changed', 'a program is not refused')
})

t.test('it works beside the plugins that the app has registered', async (t) => {
  const views = t.testdir({ 'theirs.eta': 'theirs <%= it.name %>', assets: { 'style.css': '/* theirs */' } })
  const app = await host(t, {
    before: async (app) => {
      await app.register(cookie, { hook: 'preHandler' })
      await app.register(formbody)
      await app.register(view, { engine: { eta: new Eta() }, root: views })
      await app.register(staticFiles, { root: `${views}/assets`, prefix: '/assets/' })
    },
    routes: (app) => app.get('/theirs', (_request, reply) => reply.view('theirs', { name: 'still' }))
  })
  const visitor = await registered(app)
  const { id } = await accountOf(app)
  t.same((await visitor.get('/mine')).json(), { id, name: 'alice', role: 'user' })
  t.equal((await visitor.get('/theirs')).body, 'theirs still')
  t.equal((await visitor.get('/assets/style.css')).body, '/* theirs */')
  t.match((await visitor.get('/logout')).body, '/assets/latchkey/style.css')
  t.match((await visitor.get('/assets/latchkey/style.css')).headers['content-type'], 'text/css')
  await visitor.submit('/logout')
  t.equal((await visitor.get('/mine')).statusCode, 303)
})

t.test('another session plugin is refused in one sentence', async (t) => {
  const before = (app: FastifyInstance) => app.decorateRequest('session', null as never)
  await t.rejects(host(t, { before }), { code: 'LATCHKEY_CONFIG', message: /leave out the other plugin/ })
})

t.test('without pages none of our routes exists, and the app’s routes can do the same', async (t) => {
  const app = await host(t, {
    pages: false,
    routes: (app) => {
      app.post('/enter', async (_request, reply) => {
        await reply.signIn({ name: 'alice', role: 'user' })
        return 'in'
      })
      app.post('/leave', async (_request, reply) => {
        await reply.signOut()
        return 'out'
      })
    }
  })
  const visitor = new Visitor(app, 'program')
  t.match((await visitor.get('/mine')).json(), { code: 'LATCHKEY_SIGN_IN_REQUIRED' })
  await visitor.post('/enter')
  t.same((await visitor.get('/mine')).json(), { id: 'name:alice', name: 'alice', role: 'user' })
  await visitor.post('/leave')
  t.equal((await visitor.get('/mine')).statusCode, 401)
  t.equal((await new Visitor(app, 'browser').get('/mine')).headers.location, '/login?next=%2Fmine')
  for (const url of ['/login', '/register', '/logout', '/confirm', '/assets/latchkey/style.css'])
    t.equal((await visitor.get(url)).statusCode, 404, url)
})

t.test('an app gets no home page, dashboard or health route of ours', async (t) => {
  const visitor = new Visitor(await host(t), 'program')
  for (const url of ['/', '/dashboard', '/health/live', '/health/ready', '/metrics'])
    t.equal((await visitor.get(url)).statusCode, 404, url)
})

t.test('a view in the app’s folder replaces ours, and the others stay', async (t) => {
  const views = t.testdir({ 'logout.eta': '<h1>Leave the shop</h1>', assets: { 'style.css': '/* mine */' } })
  const visitor = await registered(await host(t, { views }))
  t.match((await visitor.get('/logout')).body, /<!doctype html>[\s\S]*<h1>Leave the shop<\/h1>/)
  t.match((await visitor.get('/confirm')).body, /<form method="post" action="\/confirm"/)
  t.equal((await visitor.get('/assets/latchkey/style.css')).body, '/* mine */')
  t.equal((await visitor.get('/assets/latchkey/icon.svg')).statusCode, 200)
})

t.test('wrong options are one sentence each, by the names of the options', async (t) => {
  const options = { sessionIdle: 'soon', sessionSecret: 'short', redisUrl: 'redis://127.0.0.1:1' }
  const error = await host(t, Object.assign(options, { errors: 'mine' as never })).catch((error) => error)
  t.ok(error instanceof ConfigError)
  t.match(error.faults, [
    'errors is "mine", it must be latchkey or host',
    /^sessionSecret has 5 characters/,
    /^sessionIdle is "soon", it must be a duration/
  ])
})

t.test('signedInCookies signs in any named user', async (t) => {
  const app = await host(t, {
    sessionSecret: secret,
    routes: (app) => app.get('/cart', async ({ session }) => session.cart ?? [])
  })
  const cookies = await signedInCookies(app, 'bob', { session: { cart: ['apple'] } })
  t.same((await app.inject({ url: '/mine', cookies })).json(), {
    id: (await accountOf(app, 'bob')).id,
    name: 'bob',
    role: 'user'
  })
  t.same((await app.inject({ url: '/cart', cookies })).json(), ['apple'])
  const again = await signedInCookies(app, 'bob')
  t.not(again.latchkey, cookies.latchkey)
  const root = await signedInCookies(app, 'root', { role: 'admin' })
  const { id } = await accountOf(app, 'root')
  t.same((await app.inject({ url: '/mine', cookies: root })).json(), { id, name: 'root', role: 'admin' })
  t.same(
    (await signedInCookies(app, 'ROOT')) && (await app.latchkey.sessions.listByUser(id)).sessions.length,
    2
  )
  await t.rejects(signedInCookies(app, 'no\nname'), { code: 'LATCHKEY_BAD_INPUT' })
})

t.test('in app.latchkey there is no way around the throttle, no hash and no secret', async (t) => {
  const app = await host(t, { sessionSecret: secret })
  await app.latchkey.accounts.add(alice)
  const members = Object.entries(app.latchkey).map(([name, part]) => [name, ...methodsOf(part)])
  t.same(members, [
    [
      'accounts',
      'add',
      'changePassword',
      'setRole',
      'disable',
      'remove',
      'enable',
      'rename',
      'find',
      'list',
      'isEmpty'
    ],
    ['sessions', 'listByUser', 'revokeOne', 'revokeOthers', 'revokeAllOf', 'handleOf'],
    ['groups', 'add', 'remove', 'list', 'find', 'members', 'join', 'leave', 'of'],
    ['audit', 'record', 'list']
  ])
  const { accounts } = app.latchkey
  const told = [
    await accounts.find('alice'),
    await accounts.list(),
    await accounts.changePassword({ ...alice, password: `${alice.password} anew` }),
    await accounts.setRole('alice', 'admin'),
    await accounts.disable('alice', { force: true }),
    await accounts.enable('alice'),
    await accounts.remove('alice', { force: true })
  ]
  t.notMatch(JSON.stringify(told), /argon2|passwordHash/)
  t.match(told.at(-1), { ok: true, account: { name: 'alice', role: 'admin' } })
  t.notMatch(inspect(app.latchkey, { depth: 9, showHidden: true }), secret)
})

function methodsOf(part: object): string[] {
  const own = Object.keys(part)
  const shared = Object.getOwnPropertyNames(Object.getPrototypeOf(part))
  return own.length > 0 ? own : shared.filter((name) => name !== 'constructor')
}

t.test('the pages of administrators are where `admin` says, for administrators of ours alone', async (t) => {
  const routes = (app: FastifyInstance) => {
    app.post<{ Body: { name: string } }>('/in', async ({ body: { name } }, reply) => {
      const account = await app.latchkey.accounts.find(name)
      await reply.signIn({ name, id: account?.id, role: 'admin' })
    })
  }
  const app = await host(t, { admin: '/staff', prefix: '/id', routes })
  for (const name of ['alice', 'bob', 'carol']) await app.latchkey.accounts.add({ ...alice, username: name })
  await app[services].accounts.setRole('bob', 'admin')
  const visit = async (name: string) => {
    const visitor = new Visitor(app, 'browser')
    await visitor.post('/in', { name })
    return visitor.get('/id/staff/activity')
  }
  t.equal((await visit('alice')).statusCode, 403, 'the app’s own role counts for nothing')
  t.equal((await visit('mallory')).headers.location, '/id/login?next=%2Fid%2Fstaff%2Factivity')
  const { body } = await visit('bob')
  t.match(body, 'href="/id/staff/activity"')
  t.notMatch(body, '"/id/admin')
  t.equal((await new Visitor(app, 'browser').get('/id/admin')).statusCode, 404)
  const without = await host(t)
  for (const path of ['/admin', '/admin/activity', '/staff/activity'])
    t.equal((await without.inject(path)).statusCode, 404)
  for (const admin of ['', 'admin', '/:a', '/account', '/api/admin'])
    await t.rejects(host(t, { admin }), { message: /admin is "/ })
  await t.rejects(host(t, { admin: '/admin', pages: false }), { message: /pages is false/ })
})

t.test('an address at registration needs our pages, where its mail leads', async (t) => {
  for (const registrationEmail of ['optional', 'required'] as const)
    await t.rejects(host(t, { registrationEmail, mailUrl: 'file:./mail', pages: false }), {
      message: `registrationEmail is ${registrationEmail} and pages is false: its mail leads to a page`
    })
})
