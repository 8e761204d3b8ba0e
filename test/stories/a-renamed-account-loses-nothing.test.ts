import { DatabaseSync } from 'node:sqlite'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, databaseFile, secret, Visitor } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'
import { emptyDatabase } from '../servers/shared-postgres.ts'

const open = { SESSION_SECRET: secret, REGISTRATION: 'open' }
const alicia = { ...alice, username: 'alicia' }
const bob = { username: 'bob', password: 'quite another phrase' }

const thirtyDaysLater = 'UPDATE former_names SET held_until = held_until - 2592000000'

t.test('in the embedded database', async (t) => {
  const app = await build(t, { env: open, routes: renaming })
  await nothingIsLost(t, [app, app], async () => {
    const database = new DatabaseSync(databaseFile(app))
    database.exec(thirtyDaysLater)
    database.close()
  })
})

t.test('with Redis and PostgreSQL', async (t) => {
  const redis = await startRedis(t)
  const DATABASE_URL = await emptyDatabase(t)
  const env = { DATABASE_URL, REDIS_URL: redis.url, ...open }
  // The second process has a cache of its own.
  await nothingIsLost(t, [await build(t, { env, routes: renaming }), await build(t, { env })], async () => {
    const database = new pg.Client(DATABASE_URL)
    await database.connect()
    await database.query(thirtyDaysLater)
    await database.end()
  })
})

/** Requests that began before the account was renamed, and go on after it. */
const late: Record<string, (session: FastifyRequest['session']) => Promise<unknown>> = {
  'regenerates and keeps the user': (session) => session.regenerate(['user']),
  'saves, and sets the user again': async (session) => Object.assign(session, { seen: 1, user: session.user })
}

function renaming(app: FastifyInstance): void {
  app.post<{ Params: { what: string; name: string } }>('/late/:what/:name', async ({ session, params }) => {
    await app.latchkey.accounts.rename(String(session.user), params.name)
    await late[params.what]?.(session)
    return {}
  })
}

async function signedIn(app: FastifyInstance, credentials = alice) {
  const visitor = new Visitor(app, 'browser')
  t.equal((await visitor.submit('/login', credentials)).statusCode, 303)
  return visitor
}

async function nothingIsLost(
  t: Test,
  [app, there]: readonly [FastifyInstance, FastifyInstance],
  passThirtyDays: () => Promise<void>
) {
  const { accounts, audit, sessions } = app.latchkey
  await new Visitor(app, 'browser').submit('/register', bob)
  const owner = new Visitor(app, 'browser')
  await owner.submit('/register', alice)
  const { id } = await accountOf(app)
  const elsewhere = await signedIn(there)
  t.match((await elsewhere.get('/dashboard')).body, 'alice', 'in the cache of the other process')
  const handles = async () => (await sessions.listByUser(id)).sessions.map(({ handle }) => handle).sort()
  const before = await handles()
  const cookie = elsewhere.cookies.latchkey
  const rename = (visitor: Visitor, name: string, fields: Record<string, string> = {}) =>
    visitor.submit('/account/name', { latchkeyUser: id, current: alice.password, name, ...fields })

  const refusals: [number, string, string, Record<string, string>?][] = [
    [401, 'That is not your password', 'alicia', { current: 'not her password' }],
    [409, 'That name is taken', 'BOB'],
    [409, 'That name is taken', 'b0b'],
    [400, 'That is the present name', 'alice'],
    [400, 'A name cannot begin or end', ' alicia'],
    [409, 'somebody else has signed in', 'alicia', { latchkeyUser: (await accountOf(app, 'bob')).id }]
  ]
  for (const [status, said, name, fields] of refusals) {
    const refused = await rename(owner, name, fields)
    t.match([refused.statusCode, refused.body], [status, said], name)
  }
  t.equal((await owner.get('/account/name')).statusCode, 200)
  t.match(await accounts.find('alice'), { id, name: 'alice' }, 'nothing was changed')

  t.equal((await rename(owner, 'alicia')).headers.location, '/account')
  t.match((await owner.get('/account')).body, 'You are called alicia now.')
  t.match((await owner.get('/gate')).headers, { 'remote-user': 'alicia', 'x-auth-id': id })
  await eventually(
    'the other process',
    async () => (await elsewhere.get('/gate')).headers['remote-user'] === 'alicia'
  )
  t.match((await elsewhere.get('/dashboard')).body, 'alicia', 'from the cache')
  t.same([await handles(), elsewhere.cookies.latchkey], [before, cookie], 'the same sessions')
  t.equal((await elsewhere.submit('/confirm', { password: alice.password })).statusCode, 303)
  t.match((await elsewhere.get('/gate')).headers, { 'remote-user': 'alicia' })

  const known = new Visitor(there, 'browser')
  known.cookies['latchkey-browser'] = elsewhere.cookies['latchkey-browser'] ?? ''
  t.equal(
    (await new Visitor(there, 'browser').submit('/login', alice)).statusCode,
    401,
    'nobody has the name'
  )
  for (let tries = 0; tries < 7; tries += 1)
    await new Visitor(there, 'browser').submit('/login', { ...alicia, password: 'a guess' })
  t.equal((await new Visitor(there, 'browser').submit('/login', alicia)).statusCode, 429)
  t.equal((await known.submit('/login', alicia)).statusCode, 303, 'the browser is known')

  const stranger = new Visitor(there, 'program')
  const told = async (username: string) => {
    const { statusCode, body } = await stranger.post('/register', { ...bob, username })
    return [statusCode, body.replaceAll(username, 'name')]
  }
  t.same(await told('alice'), await told('bob'), 'held looks like taken')
  t.same(await told('a1ice'), await told('bob'))
  t.equal((await accounts.add({ ...bob, username: 'alice' })).ok, false)
  t.match(await accounts.rename('bob', 'Alice'), { ok: false })

  t.match(await accounts.rename('ALICIA', 'Alice'), { ok: true, account: { id }, formerName: 'alicia' })
  await eventually('the name', async () => (await owner.get('/gate')).headers['remote-user'] === 'Alice')
  t.equal((await rename(owner, 'alicia')).statusCode, 303)
  t.match(await audit.list({ name: 'Alice' }, 10), [
    { event: 'account-rename', name: 'alicia', formerName: 'Alice', account: id }
  ])
  t.match((await audit.list(id, 1))[0], { event: 'account-rename', name: 'alicia', by: undefined })

  for (const [place, what] of Object.keys(late).entries()) {
    const name = `alicia${place}`
    const renamed = await owner.post(`/late/${encodeURIComponent(what)}/${name}`)
    t.equal(renamed.statusCode, 200, what)
    t.match((await owner.get('/gate')).headers, { 'remote-user': name, 'x-auth-id': id }, what)
    t.match(await accounts.rename(name, 'alicia'), { ok: true })
  }

  await passThirtyDays()
  const next = new Visitor(app, 'browser')
  const payload = { ...bob, username: 'alice' }
  const registered = await app.inject({
    method: 'POST',
    url: '/register',
    remoteAddress: '192.0.2.9',
    payload
  })
  t.equal(registered.statusCode, 201, 'free')
  next.cookies = Object.fromEntries(registered.cookies.map(({ name, value }) => [name, value]))
  const heir = await accountOf(app)
  t.not(heir.id, id)
  t.match((await next.get('/gate')).headers, { 'remote-user': 'alice', 'x-auth-id': heir.id })
  t.match((await elsewhere.get('/gate')).headers, { 'remote-user': 'alicia', 'x-auth-id': id })
  const [device = ''] = elsewhere.cookies['latchkey-browser']?.split('.') ?? []
  t.same(
    [
      await app[services].devices.isKnown('alice', device),
      await app[services].devices.isKnown('alicia', device)
    ],
    [false, true]
  )
  t.equal((await next.submit('/account/remove', { latchkeyUser: id })).statusCode, 409, 'no form')
  t.match(
    (await audit.list(heir.id, 10)).map(({ event }) => event),
    ['sign-in', 'registration'],
    'no event'
  )
}
