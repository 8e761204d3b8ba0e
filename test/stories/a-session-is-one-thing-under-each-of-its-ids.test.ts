import express from 'express'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { signOut } from '../../src/express/index.ts'
import { services } from '../../src/open-services.ts'
import { AllSessions } from '../../src/sessions/all-sessions.ts'
import { SessionKeys } from '../../src/sessions/session-keys.ts'
import { openSessionStore } from '../../src/sessions/stores/open-store.ts'
import { accountOf, build, databaseFile, secret } from '../build.ts'
import { Browser, makeSession, serve } from '../express/web.ts'
import { startRedis } from '../servers/redis.ts'
import { longSessions } from '../servers/true-clock.ts'

const password = 'correct horse battery'
const json = { accept: 'application/json' }
type Session = FastifyRequest['session']

/** What a request does that began before the session ended, and goes on after it. */
const lateInFastify: Record<string, (request: FastifyRequest, reply: FastifyReply) => unknown> = {
  saves: ({ session }) => Reflect.set(session, 'colour', 'late'),
  'regenerates twice and keeps the user': async (request) => {
    await request.session.regenerate(['user'])
    await request.session.regenerate(['user'])
  },
  'regenerates and sets the user again': async (request) => {
    const { user = '' } = request.session
    await request.session.regenerate()
    Object.assign(request.session, { user })
  },
  confirms: async (request, reply) =>
    reply.renewSession(await accountOf(request.server, request.session.user))
}

const lateInExpress: Record<string, (req: express.Request) => Promise<void>> = {
  saves: async ({ session }) => void Reflect.set(session, 'colour', 'late'),
  'regenerates and sets the user again': (req) => regenerate(req, { user: Reflect.get(req.session, 'user') }),
  'regenerates and copies the whole session': (req) => regenerate(req, { ...req.session, cookie: undefined }),
  'regenerates twice': async (req) => {
    await regenerate(req, { user: Reflect.get(req.session, 'user') })
    await regenerate(req, { user: Reflect.get(req.session, 'user') })
  }
}

function regenerate(req: express.Request, { cookie, ...kept }: Record<string, unknown>): Promise<void> {
  return new Promise((resolve, reject) =>
    req.session.regenerate((error) => {
      if (error) return reject(error)
      Object.assign(req.session, kept)
      resolve()
    })
  )
}

/** Where a late request stands, until the session has ended. */
function gate() {
  const waiting: (() => void)[] = []
  return {
    wait: () => new Promise<void>((resolve) => void waiting.push(resolve)),
    open: () => {
      for (const resolve of waiting.splice(0)) resolve()
    },
    hold: async (count: number) => {
      while (waiting.length < count) await new Promise(setImmediate)
    }
  }
}

/** The service and an Express app with one store and one cookie. */
async function open(t: Test, where: string, ids: string) {
  const file = `file:${t.testdir()}/latchkey.db`
  const redis = where === 'Redis' ? { REDIS_URL: (await startRedis(t, '--appendonly', 'no')).url } : {}
  const own = { SESSION_IDS: ids, DATABASE_URL: file, ...longSessions, ...redis }
  const { wait, open: letGo, hold } = gate()
  const app = await build(t, {
    env: { SESSION_SECRET: secret, REGISTRATION: 'open', ...own },
    routes: (app) => {
      app.post<{ Params: { what: string } }>('/late/:what', async (request, reply) => {
        const { session }: { session: Session } = request
        await wait()
        await lateInFastify[request.params.what]?.(request, reply)
        return { session: session.user }
      })
    }
  })
  const program = express().use(
    makeSession(t, { settings: own, secret, name: 'latchkey', cookie: { sameSite: 'lax' } })
  )
  program.post('/late/:what', async (req, res) => {
    // Loaded before the session ends.
    Reflect.get(req.session, 'user')
    await wait()
    await lateInExpress[req.params.what]?.(req)
    res.send('late')
  })
  program.post('/leave', async (req, res) => {
    await signOut(req)
    res.send('out')
  })
  program.post('/leave-by-hand', (req, res) => {
    Object.assign(req.session, { user: null })
    req.session.save(() => res.send('out'))
  })
  program.get('/who', (req, res) => void res.send(Reflect.get(req.session, 'user') ?? 'nobody'))
  const urls = {
    service: await app.listen({ host: '127.0.0.1', port: 0 }),
    express: await serve(t, program)
  }
  const { config } = app[services]
  const database = where === 'Redis' ? undefined : await openSqlite(databaseFile(app))
  const store = await openSessionStore({ config, database, listener: { onLost: () => {}, onBack: () => {} } })
  t.teardown(async () => {
    await store.close()
    await database?.close()
  })
  return { app, urls, letGo, hold, operator: new AllSessions(store, new SessionKeys(config.sessionIds)) }
}

type Opened = Awaited<ReturnType<typeof open>>
interface Ending extends Opened {
  readonly name: string
  readonly browser: Browser
  readonly id: string
}

const ways: Record<string, (ending: Ending) => unknown> = {
  'sign-out': ({ browser, urls }) => browser.copy(urls.service).submit('/logout', {}, json),
  'sign-out in Express': ({ browser, urls }) => browser.copy(urls.express).submit('/leave'),
  'sign-out by hand in Express': ({ browser, urls }) => browser.copy(urls.express).submit('/leave-by-hand'),
  one: async ({ app, name, id }) =>
    app.latchkey.sessions.revokeOne((await accountOf(app, name)).id, app.latchkey.sessions.handleOf(id)),
  'the others': async ({ app, name }) =>
    app[services].sessions.revokeAllOf(await accountOf(app, name), 'another'),
  all: async ({ app, name }) => app.latchkey.sessions.revokeAllOf(await accountOf(app, name)),
  password: ({ app, name }) =>
    app.latchkey.accounts.changePassword({ username: name, password: 'another horse battery' }),
  disable: ({ app, name }) => app.latchkey.accounts.disable(name),
  remove: ({ app, name }) => app.latchkey.accounts.remove(name),
  role: ({ app, name }) => app.latchkey.accounts.setRole(name, 'admin'),
  'the command, one': ({ operator, app, id }) => operator.revokeOne(app.latchkey.sessions.handleOf(id)),
  'the command, everybody': ({ operator }) => operator.revokeEverything()
}

/** @returns the cookies in play after a slow request, and after the session has ended while it ran */
async function endAmid(opened: Opened, name: string, { url, what, end }: Late) {
  const { app, urls, letGo, hold } = opened
  await app.latchkey.accounts.add({ username: name, password })
  const browser = new Browser(urls.service)
  await browser.submit('/login', { username: name, password }, json)
  const cookie = browser.jar.get('latchkey') ?? ''
  const signed = decodeURIComponent(cookie).slice(2)
  const slow = browser.copy(url)
  const running = slow.submit(`/late/${encodeURIComponent(what)}`, {}, json)
  await hold(1)
  const id = signed.slice(0, signed.lastIndexOf('.'))
  await end?.({ ...opened, name, browser: browser.copy(), id })
  letGo()
  await running
  return [...new Set([slow.jar.get('latchkey') ?? cookie, cookie])]
}

interface Late {
  readonly url: string
  readonly what: string
  readonly end?: (ending: Ending) => unknown
}

/** Who a cookie signs in, in the service and in the Express app. */
async function whoIs({ urls }: Opened, cookie: string | undefined) {
  const headers = { cookie: `latchkey=${cookie}`, ...json }
  const { status } = await new Browser(urls.service).get('/dashboard', headers)
  const { body } = await new Browser(urls.express).get('/who', headers)
  return [status, body]
}

for (const where of ['the embedded database', 'Redis']) {
  for (const ids of ['hashed', 'plain']) {
    t.test(`over ${where}, with ${ids} ids`, async (t) => {
      const opened = await open(t, where, ids)
      const { urls } = opened
      const late = [
        // Fastify has no fast path, and is the same without it.
        ...(process.env.WITHOUT_FAST_PATH ? [] : Object.keys(lateInFastify)).map((what) => ({
          url: urls.service,
          place: 'Fastify',
          what
        })),
        ...Object.keys(lateInExpress).map((what) => ({ url: urls.express, place: 'Express', what }))
      ]
      let count = 0
      for (const { url, place, what } of late) {
        count += 1
        const name = `person-${count}`
        const [present, former] = await endAmid(opened, name, { url, what })
        t.same(
          await whoIs(opened, present),
          [200, name],
          `a request in ${place} that ${what} signs nobody out`
        )
        if (former) t.same(await whoIs(opened, former), [401, 'nobody'], 'and the former id opens nothing')
        for (const [way, end] of Object.entries(ways)) {
          count += 1
          for (const cookie of await endAmid(opened, `person-${count}`, { url, what, end }))
            t.same(
              await whoIs(opened, cookie),
              [401, 'nobody'],
              `${way}, then a request in ${place} that ${what}`
            )
        }
      }
    })
  }
}
