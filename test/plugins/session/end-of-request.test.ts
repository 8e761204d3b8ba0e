import type { FastifyInstance, FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { services } from '../../../src/open-services.ts'
import { accountOf, alice, build, countSessions, registerAlice, secret, Visitor } from '../../build.ts'

/** The service with routes that use `request.session` as @fastify/session documents it. */
function open(t: Test, env: Record<string, string> = {}, more: (app: FastifyInstance) => void = () => {}) {
  const routes = (app: FastifyInstance) => {
    app.get('/count', async ({ id, session }) => Reflect.set(session, 'lastRequest', id))
    app.get('/read', async ({ session }) => session.user ?? 'nobody')
    app.get('/save', async ({ session }) => session.save())
    app.get('/destroy', async ({ session }) => session.destroy())
    app.get('/regenerate', async ({ session }) => session.regenerate(['user']))
    app.get('/age', async ({ session }) => {
      Object.assign(session, { user: 'alice' })
      Object.assign(session.cookie, { maxAge: 60_000 })
    })
    more(app)
  }
  return build(t, { env, routes })
}

/** The Set-Cookie headers of the session cookie in a response. */
async function setIn(answer: Promise<{ headers: Record<string, unknown> }>, name = 'latchkey') {
  const lines = [(await answer).headers['set-cookie'] ?? []].flat() as string[]
  return lines
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => (/^[^=]+=;/.test(line) ? 'cleared' : /Expires=/.test(line) ? 'dated' : 'set'))
}

t.test('the cookie is set once when a session begins, and not again', async (t) => {
  const app = await open(t)
  const visitor = new Visitor(app, 'browser')
  t.same(await setIn(visitor.get('/read')), [], 'nothing to store')
  t.same(await setIn(visitor.get('/count')), ['set'])
  t.same(await setIn(visitor.get('/count')), [])
  t.same(await setIn(visitor.get('/read')), [])
})

t.test('a new session sets its cookie once and clears none, whatever the browser had', async (t) => {
  const app = await open(t)
  const alive = await registerAlice(app)
  for (const latchkey of ['s:planted.signature', 'nonsense', alive.cookies.latchkey ?? '']) {
    for (const change of ['/count', '/login'] as const) {
      const browser = new Visitor(app, 'browser')
      browser.cookies = { latchkey }
      const answer = change === '/login' ? browser.submit(change, alice) : browser.get(change)
      const isKnown = latchkey === alive.cookies.latchkey && change === '/count'
      t.same(await setIn(answer), isKnown ? [] : ['set'], `${latchkey} ${change}`)
    }
  }
})

t.test('a session that the app regenerates gets its cookie once', async (t) => {
  const browser = await registerAlice(await open(t))
  const before = { ...browser.cookies }
  t.same(await setIn(browser.get('/regenerate')), ['set'])
  t.not(browser.cookies.latchkey, before.latchkey)
  t.equal((await browser.get('/read')).body, 'alice')
  browser.cookies = before
  t.equal((await browser.get('/read')).body, 'nobody')
})

t.test('destroying a session clears its cookie', async (t) => {
  const browser = await registerAlice(await open(t))
  t.same(await setIn(browser.get('/destroy')), ['cleared'])
  t.equal(countSessions(browser.app), 0)

  const visitor = new Visitor(browser.app, 'browser')
  t.same(await setIn(visitor.get('/destroy')), [], 'without a cookie there is nothing to clear')
})

t.test('destroying a regenerated session clears its cookie', async (t) => {
  const app = await open(t, {}, (app) =>
    app.get('/both', async (request) => {
      await request.session.regenerate(['user'])
      await request.session.destroy()
    })
  )
  const browser = await registerAlice(app)
  t.same(await setIn(browser.get('/both')), ['cleared'])
  t.equal(countSessions(app), 0)
})

t.test(
  'if the store fails to destroy the session the cookie stays, even if the app ignores the error',
  async (t) => {
    const app = await open(t, {}, (app) =>
      app.get('/swallow', async ({ session }) => session.destroy().catch(() => 'swallowed'))
    )
    const browser = await registerAlice(app)
    await browser.get('/read')
    const { revoke } = app[services].sessions
    app[services].sessions.revoke = () => Promise.reject(new Error('away'))
    const answer = browser.get('/swallow')
    t.same(await setIn(answer), [])
    t.equal((await answer).body, 'swallowed')
    app[services].sessions.revoke = revoke
    t.equal((await browser.get('/read')).body, 'alice')
  }
)

t.test('`request.session = null` keeps the stored session and the cookie', async (t) => {
  const app = await open(t, {}, (app) =>
    app.get('/null', async (request) => {
      Reflect.set(request, 'session', null)
      return 'done'
    })
  )
  const browser = await registerAlice(app)
  t.same(await setIn(browser.get('/null')), [])
  t.equal((await browser.get('/read')).body, 'alice')
})

t.test('a session that the app saved itself is not saved again, and gets its cookie', async (t) => {
  const app = await open(t)
  const visitor = new Visitor(app, 'browser')
  t.same(await setIn(visitor.get('/save')), ['set'], 'saved on request, although empty')
  t.equal(countSessions(app), 1)
})

t.test('if the session cannot be saved the response is an error without a cookie', async (t) => {
  const app = await open(t, {}, (app) =>
    app.get('/big', async ({ session }) => Reflect.set(session, 'big', 1n))
  )
  const visitor = new Visitor(app, 'program')
  const answer = visitor.get('/big')
  t.same(await setIn(answer), [])
  t.equal((await answer).statusCode, 500)
  t.equal(countSessions(app), 0)
})

t.test('no session begins if the browser would drop its cookie, but an existing one is saved', async (t) => {
  const env = {
    PUBLIC_URL: 'https://login.example.org',
    TRUST_PROXY: 'loopback',
    DATABASE_URL: `file:${t.testdir()}/shared.db`,
    SESSION_SECRET: secret
  }
  const app = await open(t, env, (app) => app.get('/last', async ({ sessionData }) => sessionData))
  const https = { headers: { 'x-forwarded-proto': 'https' } }
  const name = '__Host-latchkey'
  const plain = new Visitor(app, 'browser')
  t.same(await setIn(plain.get('/count'), name), [])
  t.equal(countSessions(app), 0)

  const visitor = new Visitor(app, 'browser')
  t.same(await setIn(visitor.get('/count', https), name), ['set'])
  const before = (await visitor.get('/last', https)).json().lastRequest
  t.same(await setIn(visitor.get('/count'), name), [])
  t.not((await visitor.get('/last', https)).json().lastRequest, before)
})

t.test('a cookie with a date is sent again at each change', async (t) => {
  const app = await open(t)
  const visitor = new Visitor(app, 'browser')
  t.same(await setIn(visitor.get('/age')), ['dated'])
  t.same(await setIn(visitor.get('/count')), ['dated'])
  t.same(await setIn(visitor.get('/read')), [])
})

t.test('sessions can be created by hand, as @fastify/session documents', async (t) => {
  const app = await open(t)
  const decrypt = (signed: string) => {
    const request = {} as Pick<FastifyRequest, 'session'>
    return new Promise<typeof request>((resolve, reject) =>
      app.decryptSession(signed, request, (error) => (error ? reject(error) : resolve(request)))
    )
  }
  const { session } = await decrypt('nonsense')
  Object.assign(session, { user: 'alice' })
  await session.save()
  const again = await decrypt(session.encryptedSessionId)
  t.match(again.session, { user: 'alice', sessionId: session.sessionId })
  await again.session.regenerate(['user'])
  t.not(again.session.sessionId, session.sessionId)
  const visitor = new Visitor(app, 'browser')
  visitor.cookies = { latchkey: `s:${again.session.encryptedSessionId}` }
  t.equal((await visitor.get('/read')).body, 'alice')
})

t.test('a session that ended during a request gets no cookie', async (t) => {
  const app = await open(t, {}, (app) =>
    app.get('/meanwhile', async ({ id, session }) => {
      Reflect.set(session, 'lastRequest', id)
      await app.latchkey.sessions.revokeAllOf(await accountOf(app))
    })
  )
  const browser = await registerAlice(app)
  await browser.submit('/login', { ...alice, remember: 'on' })
  t.same(await setIn(browser.get('/meanwhile')), [])
  t.equal(countSessions(app), 0)
})

t.test('an app can remove or keep every key of a session', async (t) => {
  const app = await open(t, {}, (app) => {
    app.get('/remove', async ({ session }) => {
      for (const key of Object.keys(session)) if (key !== 'cookie') Reflect.deleteProperty(session, key)
      return Object.keys(session)
    })
    app.get('/reload', async (request) => {
      await request.session.reload()
      return Object.keys(request.session)
    })
    app.get('/keys', async ({ session }) => Object.keys(session))
    app.get('/keep', async ({ session }) => session.regenerate(Object.keys(session)))
  })
  const browser = await registerAlice(app)
  const keys = [
    'account',
    'accountProofs',
    'accountRole',
    'address',
    'cookie',
    'startedAt',
    'user',
    'userAgent'
  ]
  t.same((await browser.get('/keys')).json().sort(), keys)
  t.same((await browser.get('/reload')).json().sort(), keys)
  t.same(await setIn(browser.get('/keep')), ['set'])
  t.equal((await browser.get('/read')).body, 'alice')
  t.same(await setIn(browser.get('/remove')), [])
  t.equal((await browser.get('/read')).body, 'nobody')
  t.same((await browser.get('/keys')).json().sort(), ['cookie', 'startedAt'])
})

const byScript = { headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' } }

t.test('a late response never clears the cookie of a new session', async (t) => {
  const browser = await registerAlice(await open(t))
  const script = new Visitor(browser.app, 'program')
  script.cookies = { ...browser.cookies }
  await browser.submit('/confirm', { password: alice.password })
  for (const path of ['/home', '/read', '/api/session']) t.same(await setIn(script.get(path, byScript)), [])
  t.same(await setIn(script.get('/read')), [], 'nor does a navigation')
  script.cookies = { ...browser.cookies }
  await browser.submit('/logout')
  for (const path of ['/home', '/read']) t.same(await setIn(script.get(path, byScript)), [])
  t.same(await setIn(script.get('/read')), ['cleared'], 'a navigation clears that of an ended session')
})

t.test('a script that signs out clears the cookie', async (t) => {
  const browser = await registerAlice(await open(t))
  t.same(await setIn(browser.submit('/logout', {}, byScript)), ['cleared'])
})

t.test('a route without a session has none, whether or not it is cached', async (t) => {
  const app = await open(t, {}, (app) =>
    app.get('/without', { config: { session: false } }, async (request) => {
      await request.session.destroy()
      return { ...request.sessionData }
    })
  )
  const browser = await registerAlice(app)
  for (const path of ['/without', '/read', '/without']) await browser.get(path)
  t.same((await browser.get('/without')).json(), {})
  t.same(await setIn(browser.get('/without')), [])
  t.equal((await browser.get('/read')).body, 'alice')
})
