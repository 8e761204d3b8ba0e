// group: work-done
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { commandsOf } from '../servers/commands-of.ts'
import { startRedis } from '../servers/redis.ts'
import { workDoneBy } from '../work-done.ts'

// Imported after the counters are installed.
const { accountOf, alice, build, secret, Visitor } = await import('../build.ts')

/** One moment, however slow the machine. */
const moment = Date.now()
const now = () => moment

const page = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }
const program = { accept: 'application/json', 'content-type': 'application/json' }

interface Refused {
  readonly url: string
  readonly status: number
  readonly body?: Record<string, string>
  readonly headers?: Record<string, string>
  readonly bytes?: string
  readonly method?: 'DELETE' | 'HEAD' | 'OPTIONS' | 'PUT'
}

const forged = `latchkey=${'a'.repeat(32)}.${'b'.repeat(43)}`
const wrong = { ...alice, password: 'not her password' }
const refusals: Record<string, Refused> = {
  'a guess of one name': { url: '/login', status: 429, body: wrong },
  'a guess through the API': { url: '/api/session', status: 429, body: wrong },
  'a registration': { url: '/register', status: 429, body: { ...alice, username: 'somebody' } },
  'a sign-in without fields': { url: '/login', status: 400, body: {} },
  'a body that is neither': {
    url: '/login',
    status: 415,
    bytes: '<a/>',
    headers: { 'content-type': 'text/xml' }
  },
  'a body that is no JSON': { url: '/api/session', status: 400, bytes: '{' },
  'no such page': { url: '/nowhere', status: 404 },
  'no such method': { url: '/login', status: 404, method: 'DELETE' },
  'no such method, asked for': { url: '/login', status: 404, method: 'OPTIONS' },
  'the head of no page': { url: '/nowhere', status: 404, method: 'HEAD' },
  'an address that is none': { url: '/%ff', status: 400 },
  'too long an address': { url: `/${'a'.repeat(9000)}`, status: 414 },
  'nobody at the API': { url: '/api/sessions', status: 401 },
  'nobody with a forged cookie': { url: '/api/sessions', status: 401, headers: { cookie: forged } },
  'nobody with many': {
    url: '/api/sessions',
    status: 401,
    headers: { cookie: Array(99).fill(forged).join(';') }
  },
  'nobody with a cookie of strange bytes': {
    url: '/api/sessions',
    status: 401,
    headers: { cookie: 'latchkey=%E0%A4%A; latchkey-browser=%ZZ; =;;;' }
  },
  'the gate': { url: '/gate', status: 401 },
  'another site': { url: '/login', status: 403, body: wrong, headers: { 'sec-fetch-site': 'cross-site' } },
  'too large a body': { url: '/login', status: 413, bytes: 'x'.repeat(70_000) }
}

function send(app: FastifyInstance, refused: Refused, type: typeof page) {
  const { url, body, bytes, method = 'GET' } = refused
  const kind = url.startsWith('/api') ? program : type
  const payload = bytes ?? (kind === page ? new URLSearchParams(body).toString() : JSON.stringify(body))
  const headers = { ...kind, ...refused.headers }
  return app.inject({ url, headers, ...(body || bytes ? { method: 'POST', payload } : { method }) })
}

/** Until it is refused, and once more. */
async function provoke(app: FastifyInstance, refused: Refused) {
  for (let tries = 0; tries < 12 && refused.status === 429; tries += 1) {
    const body = refused.url === '/register' ? { ...alice, username: `person ${tries}` } : refused.body
    await send(app, { ...refused, ...(body && { body }) }, program)
  }
  for (const type of [page, program]) await send(app, refused, type)
  await new Promise(setImmediate)
}

t.test('with the embedded database no refusal asks it, nor compiles or reads anything', async (t) => {
  const app = await build(t, { now, env: { REGISTRATION: 'open', LOG_LEVEL: 'info' } })
  await app.latchkey.accounts.add(alice)
  for (const [what, refused] of Object.entries(refusals)) {
    await provoke(app, refused)
    for (const type of [page, program]) {
      const { statements, filesRead, compiled } = await workDoneBy(async () => {
        for (let n = 0; n < 5; n += 1)
          t.equal((await send(app, refused, type)).statusCode, refused.status, what)
      })
      t.same({ statements, filesRead, compiled }, { statements: 0, filesRead: 0, compiled: 0 }, what)
    }
  }
})

t.test('no refusal makes a stack trace, except three by Fastify that cost no more than a page', async (t) => {
  const traced = new Set<string>()
  const routes = (app: FastifyInstance) => {
    app.addHook('onError', async (_request, _reply, error) => {
      if (/\n +at /.test(error.stack ?? '')) traced.add(error.code)
    })
  }
  const app = await build(t, { now, routes, env: { REGISTRATION: 'open', LOG_LEVEL: 'info' } })
  for (const refused of Object.values(refusals))
    for (const type of [page, program]) await send(app, refused, type)
  t.same(
    traced,
    new Set(['FST_ERR_VALIDATION', 'FST_ERR_CTP_INVALID_MEDIA_TYPE', 'FST_ERR_CTP_INVALID_JSON_BODY'])
  )
})

t.test('a closed registration asks once a second at most whether there is an account', async (t) => {
  const app = await build(t, { now, env: { LOG_LEVEL: 'info' } })
  await app.latchkey.accounts.add(alice)
  const register = { url: '/register', status: 403, body: { ...alice, username: 'somebody' } }
  await send(app, register, program)
  const { statements } = await workDoneBy(async () => {
    for (let n = 0; n < 100; n += 1) t.equal((await send(app, register, program)).statusCode, 403)
  })
  t.ok(statements < 20, `${statements} questions for a hundred registrations`)
  await app.latchkey.accounts.remove('alice')
  t.equal((await new Visitor(app, 'program').get('/register')).statusCode, 200, 'until it is removed')
})

t.test('with Redis no refusal asks it', async (t) => {
  const redis = await startRedis(t)
  const env = { REDIS_URL: redis.url, SESSION_SECRET: secret, REGISTRATION: 'open', LOG_LEVEL: 'info' }
  const app = await build(t, { now, env })
  await app.latchkey.accounts.add(alice)
  for (const [what, refused] of Object.entries(refusals)) {
    await provoke(app, refused)
    const asked = await commandsOf(redis, async () => {
      for (const type of [page, program])
        t.equal((await send(app, refused, type)).statusCode, refused.status, what)
    })
    const { evalsha, hmget, set, get } = asked
    t.same([evalsha, hmget, set, get], [undefined, undefined, undefined, undefined], what)
  }
})

t.test('an attempt with the cookie of a former browser asks no store either', async (t) => {
  const app = await build(t, { now, env: { LOG_LEVEL: 'info' } })
  await app.latchkey.accounts.add(alice)
  const { cookies } = await app.inject({ method: 'POST', url: '/login', payload: alice })
  const known = cookies.find(({ name }) => name === 'latchkey-browser')
  await app.latchkey.sessions.revokeAllOf(await accountOf(app))
  const headers = { cookie: `latchkey-browser=${known?.value}` }
  const guess = () => app.inject({ method: 'POST', url: '/login', payload: wrong, headers })
  for (let tries = 0; tries < 7; tries += 1) await guess()
  await new Promise(setImmediate)
  const { statements } = await workDoneBy(async () => {
    for (let n = 0; n < 5; n += 1) t.equal((await guess()).statusCode, 429)
  })
  t.equal(statements, 0)
})

t.test('nor does one in a known browser, or of somebody signed in', async (t) => {
  const app = await build(t, { now, env: { LOG_LEVEL: 'info' } })
  await app.latchkey.accounts.add(alice)
  const known = new Visitor(app, 'program')
  await known.submit('/login', alice)
  const away = new Visitor(app, 'program')
  away.cookies['latchkey-browser'] = known.cookies['latchkey-browser'] ?? ''
  const guesses = {
    'in a known browser': () => away.submit('/login', wrong),
    'at /confirm': () => known.submit('/confirm', { password: wrong.password }),
    'with a new password': () =>
      known.submit('/account/password', { current: wrong.password, password: 'another horse battery' })
  }
  for (const [what, guess] of Object.entries(guesses)) {
    for (let tries = 0; tries < 7; tries += 1) await guess()
    await new Promise(setImmediate)
    const { statements } = await workDoneBy(async () => {
      for (let n = 0; n < 5; n += 1) t.equal((await guess()).statusCode, 429, what)
    })
    t.equal(statements, 0, what)
  }
})

t.test('a right password elsewhere opens what was remembered as held', async (t) => {
  const app = await build(t, { now })
  await app.latchkey.accounts.add(alice)
  const from = (remoteAddress: string, payload: typeof alice, cookie = '') =>
    app.inject({ method: 'POST', url: '/login', remoteAddress, payload, headers: { cookie } })
  const known = (await from('192.0.2.1', alice)).cookies.find(({ name }) => name === 'latchkey-browser')
  for (let n = 0; n < 25; n += 1) await from(`10.0.0.${n}`, wrong)
  t.equal((await from('198.51.100.1', alice)).statusCode, 429)
  t.equal((await from('192.0.2.1', alice, `latchkey-browser=${known?.value}`)).statusCode, 200)
  t.equal((await from('198.51.100.1', alice)).statusCode, 200)
})
