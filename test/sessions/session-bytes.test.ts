import express from 'express'
import t from 'tap'
import { signIn } from '../../src/express/index.ts'
import { build, secret, Visitor } from '../build.ts'
import { Browser, makeSession, serve } from '../express/web.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36'
const headers = { 'user-agent': chrome }
const person = { username: 'person-12345', password: 'correct horse battery' }

/** The memory of the largest key with this prefix, without its place in the table of expiries, as Redis says it. */
async function largest(redis: RedisServer, prefix: string): Promise<number> {
  const keys = [await redis.ask('KEYS', `${prefix}*`)].flat()
  if (keys.length === 0) throw new Error(`no key begins with ${prefix}`)
  return Math.max(
    ...(await Promise.all(keys.map(async (key) => Number(await redis.ask('MEMORY', 'USAGE', `${key}`)))))
  )
}

// Redis's figures include an entry and a slot of the table of keys. docs/performance.md says what they add up to.
t.test('a session that signed in takes little memory in Redis', async (t) => {
  const redis = await startRedis(t)
  const proxied = { PUBLIC_URL: 'https://login.example.org', TRUST_PROXY: 'loopback' }
  const env = { ...proxied, REGISTRATION: 'open', REDIS_URL: redis.url, SESSION_SECRET: secret }
  const app = await build(t, { env })
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.113.255.127' }
  const visit = { headers: { ...headers, ...forwarded, accept: 'application/json' } }
  t.equal((await new Visitor(app, 'program').post('/register', person, visit)).statusCode, 201)
  t.equal([await redis.ask('KEYS', 'sess:*')].flat().length, 1)
  t.ok((await largest(redis, 'sess:')) <= 200, `${await largest(redis, 'sess:')} the session`)
  t.ok((await largest(redis, 'sess-of:')) <= 120, `${await largest(redis, 'sess-of:')} the index`)
  const { statusCode } = await new Visitor(app, 'program').post(
    '/login',
    { ...person, remember: true },
    visit
  )
  t.equal(statusCode, 200)
  t.ok((await largest(redis, 'sess:')) <= 232, `${await largest(redis, 'sess:')} one that stays signed in`)
  t.ok((await largest(redis, 'sess-of:')) <= 152, `${await largest(redis, 'sess-of:')} the index of two`)
})

t.test('so does one of latchkey/express', async (t) => {
  const redis = await startRedis(t)
  const app = express().use(makeSession(t, { settings: { REDIS_URL: redis.url } }))
  app.get('/login', (req, res, next) => void signIn(req, 'alice').then(() => res.end(), next))
  const browser = new Browser(await serve(t, app))
  t.equal((await browser.get('/login', headers)).status, 200)
  t.ok((await largest(redis, 'sess:')) <= 200, `${await largest(redis, 'sess:')} the session`)
  t.ok((await largest(redis, 'sess-of:')) <= 120, `${await largest(redis, 'sess-of:')} the index`)
})
