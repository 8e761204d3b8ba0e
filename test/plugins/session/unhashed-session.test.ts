import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { workDoneBy } from '../../work-done.ts'

// Imported after the counters are installed.
const { default: cookie } = await import('@fastify/cookie')
const { default: fastifySession } = await import('@fastify/session')
const { default: Fastify } = await import('fastify')
const { skipHashing } = await import('../../../plugins/session/unhashed-session.ts')
const { build, registerAlice, secret } = await import('../../build.ts')

const requests = 20

/** Routes that return `isModified()`. */
function routes(app: FastifyInstance) {
  app.get('/enter', async ({ session }) => Object.assign(session, { user: 'alice', list: [1] }).save())
  app.get('/change', async ({ id, session }) => {
    const before = session.isModified()
    Reflect.set(session, 'lastRequest', id)
    return [before, session.isModified()]
  })
  app.get('/inside', async ({ id, session }) => {
    Object.assign(Reflect.get(session, 'list'), [id])
    return session.isModified()
  })
  app.get('/back', async ({ session }) => {
    const before = session.user ?? ''
    session.user = 'bob'
    const between = session.isModified()
    session.user = before
    return [between, session.isModified()]
  })
  app.get('/save', async ({ id, session }) => {
    Reflect.set(session, 'lastRequest', id)
    await session.save()
    const saved = [session.isModified(), session.isSaved()]
    Reflect.set(session, 'lastRequest', 'another')
    return [...saved, session.isModified()]
  })
  app.get('/first', async ({ session }) => {
    const before = session.isModified()
    session.user = 'alice'
    return [before, session.isModified()]
  })
  for (const kept of [[], ['user']])
    app.get(`/regenerate/${kept.length}`, async (request) => {
      await request.session.regenerate(kept)
      return request.session.isModified()
    })
}

/** A plain app with @fastify/session and its MemoryStore, in the same process. */
async function openPlain(t: Test) {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(cookie)
  await app.register(fastifySession, { secret, saveUninitialized: false, cookie: { secure: false } })
  routes(app)
  return app
}

/** The responses of these paths in turn, for one browser. */
async function answersOf(app: FastifyInstance): Promise<unknown[]> {
  const answers: unknown[] = [(await app.inject('/first')).json()]
  const { cookies } = await app.inject('/enter')
  const sent = Object.fromEntries(cookies.map(({ name, value }) => [name, value]))
  for (const url of ['/change', '/inside', '/back', '/save', '/change', '/regenerate/1'])
    answers.push((await app.inject({ url, cookies: sent })).json())
  answers.push((await app.inject('/regenerate/0')).json())
  return answers
}

const documented = [
  [false, true],
  [false, true],
  true,
  [true, false],
  [false, true, true],
  [false, true],
  true,
  false
]

t.test('a request that changes its session computes no hash', async (t) => {
  const app = await build(t, { routes })
  const browser = await registerAlice(app)
  await browser.get('/change')
  const { hashes } = await workDoneBy(async () => {
    for (let n = 0; n < requests; n += 1) await browser.get('/change')
  })
  t.equal(hashes, 0, '@fastify/session keeps its hash where skipHashing expects it')
  const first = await workDoneBy(() => app.inject('/first'))
  t.equal(first.hashes, 2, 'of a new id each half is hashed once')
})

t.test('isModified() and isSaved() answer as documented', async (t) => {
  t.same(await answersOf(await build(t, { routes })), documented)
})

t.test('another app in this process has an unchanged @fastify/session', async (t) => {
  const app = await openPlain(t)
  t.same(await answersOf(app), documented)
  const { cookies } = await app.inject('/enter')
  const sent = Object.fromEntries(cookies.map(({ name, value }) => [name, value]))
  const { hashes } = await workDoneBy(() => app.inject({ url: '/change', cookies: sent }))
  t.ok(hashes >= 2, 'loading and comparing')
})

t.test('a value that JSON cannot hold is a change', async (t) => {
  const app = await build(t, {
    routes: (app) =>
      app.get('/big', async ({ session }) => {
        Reflect.set(session, 'big', 1n)
        const isModified = session.isModified()
        Reflect.deleteProperty(session, 'big')
        return [isModified, session.isModified()]
      })
  })
  t.same((await (await registerAlice(app)).get('/big')).json(), [true, false])
})

const renamed = Symbol('keptHash')

t.test('a session of another class is left alone', (t) => {
  class Renamed {
    readonly [renamed] = ''
    isModified() {
      return true
    }
  }
  const before = Reflect.ownKeys(Renamed.prototype)
  t.equal(skipHashing(new Renamed()), false)
  t.same(Reflect.ownKeys(Renamed.prototype), before)
  t.end()
})
