import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import express, { type Request, type RequestHandler } from 'express'
import expressSession from 'express-session'
import fp from 'fastify-plugin'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { type BuildOptions, build } from '../build.ts'
import { Browser, makeSession, serve } from '../express/web.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'

/** The same again without the fast path needs fewer. */
const people = process.env.WITHOUT_FAST_PATH ? 100 : 1000
const atOnce = 20
const json = { accept: 'application/json' }

/** The command in the document that starts the service. */
const road = readFileSync(join(import.meta.dirname, '../../docs/from-express-session.md'), 'utf8')
const [, command = ''] = /### 1\. Share[\s\S]+?```sh\n(.+) npm start\n/.exec(road) ?? []
const said = parseEnv(command.replaceAll(' ', '\n'))

const redis = await startRedis(t)
const env = { ...said, REDIS_URL: redis.url }
const secret = `${said.SESSION_SECRET}`

/** The app before the move, with cookies that scripts can read. */
const before = { secret, resave: false, saveUninitialized: false, cookie: { httpOnly: false } }

function olderApp(session: RequestHandler) {
  const dataOf = (req: Request): { user?: string } => Object(req.session)
  const app = express().use(session)
  app.post('/enter/:name', (req, res) => {
    dataOf(req).user = `${req.params.name}`
    res.end()
  })
  app.get('/who', (req, res) => void res.json({ user: dataOf(req).user ?? null }))
  return app
}

async function startService(t: Test, routes?: NonNullable<BuildOptions['routes']>) {
  const app = await build(t, { env, ...(routes && { routes }) })
  return app.listen({ host: '127.0.0.1', port: 0 })
}

/** A visitor who gets 503 tries again. */
function visit(visitor: Browser, { origin, pathname }: URL) {
  return eventually('an answer', async () => {
    const answer = await visitor.copy(origin).get(pathname, json)
    return answer.status !== 503 && answer
  })
}

/** How many of them are still signed in as themselves there. */
async function countKnown(visitors: readonly Browser[], address: string): Promise<number> {
  let known = 0
  for (let first = 0; first < visitors.length; first += atOnce) {
    const group = visitors.slice(first, first + atOnce)
    const answers = await Promise.all(group.map((visitor) => visit(visitor, new URL(address))))
    known += answers.filter(({ body }, index) => body.includes(`"person${first + index}"`)).length
  }
  return known
}

const client = new Redis(redis.url)
t.teardown(() => client.disconnect())
const { default: RedisStore } = await import('connect-redis7')
const store = new RedisStore({ client })
const plainUrl = await serve(t, olderApp(expressSession({ ...before, store })))
const visitors = Array.from({ length: people }, () => new Browser(plainUrl))

t.test('before: everybody signs in at an app with express-session and connect-redis', async (t) => {
  for (let first = 0; first < people; first += atOnce) {
    const group = visitors.slice(first, first + atOnce)
    await Promise.all(group.map((visitor, index) => visitor.submit(`/enter/person${first + index}`)))
  }
  t.equal(await countKnown(visitors, `${plainUrl}/who`), people)
  t.equal(await readableByScripts(), people)
})

t.test('share: the service beside the app knows all of them, and the app still does', async (t) => {
  t.equal(await countKnown(visitors, `${await startService(t)}/dashboard`), people)
  t.equal(await countKnown(visitors, `${plainUrl}/who`), people)
})

t.test('share: and after the app has changed one line', async (t) => {
  const settings = { REDIS_URL: redis.url, SESSION_IDS: 'plain' }
  const { cookie, ...options } = before
  const url = await serve(t, olderApp(makeSession(t, { ...options, settings })))
  t.equal(await countKnown(visitors, `${url}/who`), people)
  t.equal(await readableByScripts(), 0, 'no script can read a cookie any more')
})

t.test('mount: with the app mounted in the service', async (t) => {
  const own = olderApp(expressSession({ ...before, store }))
  const url = await startService(t, (app) => {
    app.register(fp(async (app) => app.mountExpress('/older', own)))
  })
  t.equal(await countKnown(visitors, `${url}/older/who`), people)
})

t.test('replace: with a route in place of the app’s', async (t) => {
  const url = await startService(t, (app) => {
    app.register(fp(async (app) => app.mountExpress('/older', express())))
    app.get('/older/who', async (request) => ({ user: (await request.requireUser()).name }))
  })
  t.equal(await countKnown(visitors, `${url}/older/who`), people)
})

t.test('done: with the service alone', async (t) => {
  const url = await startService(t)
  t.equal(await countKnown(visitors, `${url}/dashboard`), people)
  const [leaver = new Browser(url), ...others] = visitors.map((visitor) => visitor.copy(url))
  await leaver.submit('/logout', {}, json)
  t.equal(await countKnown([leaver], `${url}/dashboard`), 0, 'signing out still ends one session')
  t.equal((await others[0]?.get('/dashboard', json))?.status, 200)
})

/** How many stored cookies a script could read. */
async function readableByScripts(): Promise<number> {
  const keys = await client.keys('sess:*')
  const records = await client.mget(keys)
  return records.filter((text) => JSON.parse(`${text}`).cookie.httpOnly === false).length
}
