import { mock } from 'node:test'
import express from 'express'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { LatchkeyStore } from '../../src/express/store/latchkey-store.ts'
import { services } from '../../src/open-services.ts'
import { build, secret, Visitor } from '../build.ts'
import { Browser, makeSession, serve } from '../express/web.ts'
import { startRedis } from '../servers/redis.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
/** Ahead of Redis's clock, or Redis itself would expire a session of two seconds on a slow machine. */
const begin = Date.now() + 240 * hour

const redis = await startRedis(t)
const stores: Record<string, Record<string, string>> = {
  'the embedded database': {},
  Redis: { REDIS_URL: redis.url, SESSION_SECRET: secret }
}

/** An app with sessions of a given maxAge, its visitors, and a clock that the test moves. */
type Open = (
  t: Test,
  env: Record<string, string>
) => Promise<{ pass(milliseconds: number): void; newVisitor(): Visit }>
/** @returns the user name in the response */
type Visit = (path: string) => Promise<string>

const openFastify: Open = async (t, env) => {
  let now = begin
  const routes = (app: FastifyInstance) => {
    app.get<{ Params: { age: number } }>('/enter/:age', async ({ session, params }) => {
      session.user = 'alice'
      Object.assign(session.cookie, { maxAge: Number(params.age) })
    })
    app.get('/who', async ({ sessionData }) => sessionData.user ?? 'nobody')
  }
  const app = await build(t, { env, routes, now: () => now })
  return {
    pass: (milliseconds) => {
      now += milliseconds
    },
    newVisitor: () => {
      const browser = new Visitor(app, 'browser')
      return async (path) => (await browser.get(path)).body
    }
  }
}

const openExpress: Open = async (t, env) => {
  // Express uses the machine's clock.
  mock.timers.reset()
  mock.timers.enable({ apis: ['Date'], now: begin })
  t.teardown(() => mock.timers.reset())
  const { sessions } = (await build(t, { env, now: () => Date.now() }))[services]
  const app = express().use(makeSession(t, { store: new LatchkeyStore(sessions, async () => {}) }))
  app.get('/enter/:age', ({ session, params }, res) => {
    Object.assign(session, { user: 'alice' })
    session.cookie.maxAge = Number(params.age)
    res.end()
  })
  app.get('/who', (req, res) => void res.send(Reflect.get(req.session, 'user') ?? 'nobody'))
  const url = await serve(t, app)
  return {
    pass: (milliseconds) => mock.timers.tick(milliseconds),
    newVisitor: () => {
      const browser = new Browser(url)
      return async (path) => (await browser.get(path)).body
    }
  }
}

t.test(
  'in Fastify the browser keeps its cookie as long, because each extension sends it again',
  async (t) => {
    let now = Date.now()
    const routes = (app: FastifyInstance) => {
      app.get('/enter', async ({ session }) => {
        session.user = 'alice'
        Object.assign(session.cookie, { maxAge: 30 * second })
      })
      app.get('/who', async ({ sessionData }) => sessionData.user ?? 'nobody')
      app.get('/touch', async ({ session }) => session.user ?? 'nobody')
    }
    const browser = new Visitor(await build(t, { routes, now: () => now }), 'browser')
    const isSent = async (path: string) => {
      const before = Date.now()
      const [cookie] = (await browser.get(path)).cookies
      if (cookie) t.ok(Number(cookie.expires) > before + 20 * second)
      return cookie !== undefined
    }
    t.equal(await isSent('/enter'), true)
    for (const path of ['/who', '/touch']) {
      t.equal(await isSent(path), false)
      now += 10 * second
      t.equal(await isSent(path), true, `the expiry moved at ${path}`)
    }
  }
)

/** The same again without Express's fast path. */
const kinds = process.env.WITHOUT_FAST_PATH
  ? { Express: openExpress }
  : { Fastify: openFastify, Express: openExpress }
for (const [kind, open] of Object.entries(kinds)) {
  for (const [store, env] of Object.entries(stores)) {
    t.test(`in ${kind}, over ${store}`, async (t) => {
      const { pass, newVisitor } = await open(t, env)

      t.test('a maxAge of 30 seconds is extended by a use every 10', async (t) => {
        const visit = newVisitor()
        await visit(`/enter/${30 * second}`)
        for (let uses = 0; uses < 20; uses += 1) {
          pass(10 * second)
          t.equal(await visit('/who'), 'alice')
        }
        pass(33 * second)
        t.equal(await visit('/who'), 'nobody')
      })

      t.test('a maxAge of two seconds is extended by constant use', async (t) => {
        const visit = newVisitor()
        await visit(`/enter/${2 * second}`)
        for (let uses = 0; uses < 50; uses += 1) {
          pass(100)
          t.equal(await visit('/who'), 'alice')
        }
        pass(2200)
        t.equal(await visit('/who'), 'nobody')
      })

      t.test('no session ends early, counted from the last use', async (t) => {
        for (const age of [30 * second, 5 * minute, hour, 11 * hour]) {
          const visit = newVisitor()
          await visit(`/enter/${age}`)
          // Too soon for a touch.
          const soon = Math.min(minute, age / 10) - 1
          pass(soon)
          t.equal(await visit('/who'), 'alice')
          pass(age - 1)
          t.equal(await visit('/who'), 'alice', `after ${age} ms minus one`)
          pass(age + soon + 2)
          t.equal(await visit('/who'), 'nobody')
        }
      })

      t.test('the absolute lifetime still ends it', async (t) => {
        const { pass, newVisitor } = await open(t, { ...env, SESSION_LIFETIME: '2m' })
        const visit = newVisitor()
        await visit(`/enter/${30 * second}`)
        for (let uses = 0; uses < 11; uses += 1) {
          pass(10 * second)
          t.equal(await visit('/who'), 'alice')
        }
        pass(10 * second)
        t.equal(await visit('/who'), 'nobody')
      })
    })
  }
}
