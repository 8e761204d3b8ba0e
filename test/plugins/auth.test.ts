import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, registerAlice, Visitor } from '../build.ts'

t.test('requireUser gives the signed-in account', async (t) => {
  const app = await build(t, { routes: (app) => app.get('/me', (request) => request.requireUser()) })
  const program = await registerAlice(app)
  const { id } = await accountOf(app)
  t.same((await program.get('/me')).json(), { id, name: 'alice', role: 'admin' })
  t.match(id, /^[\w-]{22}$/)
})

t.test('requireUser gives the confirmed address where it is asked for', async (t) => {
  const routes = (app: FastifyInstance) => app.get('/me', (request) => request.requireUser({ email: true }))
  const app = await build(t, { routes })
  const program = await registerAlice(app)
  const { id } = await accountOf(app)
  const me = { id, name: 'alice', role: 'admin' }
  t.same((await program.get('/me')).json(), me)
  await app[services].addresses.set(id, 'alice@example.org', {})
  t.same((await program.get('/me')).json(), { ...me, email: 'alice@example.org' })
})

t.test('requireUser sends a browser to sign in, and back only to a page that can be linked to', async (t) => {
  let ran = false
  const app = await build(t, {
    routes: (app) =>
      app.route({
        method: ['GET', 'POST'],
        url: '/private',
        handler: async (request) => {
          await request.requireUser()
          ran = true
        }
      })
  })
  const browser = new Visitor(app, 'browser')
  t.equal((await browser.get('/private?a=1&b=2')).headers.location, '/login?next=%2Fprivate%3Fa%3D1%26b%3D2')
  t.equal((await browser.submit('/private')).headers.location, '/login?next=%2Fprivate', 'to its form')
  const long = await browser.get(`/private?${'a'.repeat(5000)}`)
  t.equal(long.headers.location, '/login?next=%2Fprivate', 'an address that is too long loses its query')
  t.notOk(ran, 'the handler did not continue')
})

t.test('requireUser answers other requests with 401 problem+json', async (t) => {
  const app = await build(t, { routes: (app) => app.get('/me', (request) => request.requireUser()) })
  const response = await app.inject({ url: '/me', headers: { accept: '*/*' } })
  t.equal(response.statusCode, 401)
  t.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8')
  t.equal(response.headers['www-authenticate'], 'Session realm="Latchkey"')
})

t.test('requireUser lets only administrators in if asked to', async (t) => {
  const app = await build(t, {
    routes: (app) => app.get('/all', (request) => request.requireUser({ role: 'admin' }))
  })
  const program = new Visitor(app, 'program')
  await app.latchkey.accounts.add(alice)
  await program.post('/login', alice)
  t.match((await program.get('/all')).json(), { status: 403, code: 'LATCHKEY_ROLE_REQUIRED' })
  const page = await program.get('/all', { headers: { accept: 'text/html' } })
  t.equal(page.statusCode, 403)
  t.match(page.body, 'Only administrators can do this.')

  await app.latchkey.accounts.setRole('alice', 'admin')
  t.equal((await program.get('/all')).statusCode, 401, 'signed out')
  await program.post('/login', alice)
  t.match((await program.get('/all')).json(), { name: 'alice', role: 'admin' })
  t.match((await new Visitor(app, 'program').get('/all')).json(), { code: 'LATCHKEY_SIGN_IN_REQUIRED' })
})

t.test('requireUser lets only members of a group in if asked to', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.get('/photos', (request) => request.requireUser({ group: 'Family' }))
      app.get('/either', (request) => request.requireUser({ group: ['staff', 'family'], role: 'user' }))
      app.post('/become', async (request) => {
        request.session.user = 'bob'
        return {}
      })
    }
  })
  const { groups, accounts } = app.latchkey
  const program = await registerAlice(app, 'program')
  const { id } = await accountOf(app)
  const codes = async (visitor = program) => [
    (await visitor.get('/photos')).json().code,
    (await visitor.get('/either')).json().code
  ]
  const [refused, nobody] = ['LATCHKEY_GROUP_REQUIRED', 'LATCHKEY_SIGN_IN_REQUIRED']
  t.same(await codes(), [refused, refused], 'nobody is in a group that does not exist')
  for (const group of ['family', 'staff']) await groups.add(group)
  t.same(await codes(new Visitor(app, 'program')), [nobody, nobody])
  await groups.join(id, 'staff')
  t.same(await codes(), [refused, undefined], 'at the next request')
  await groups.join(id, 'FAMILY')
  t.same((await program.get('/photos')).json(), { id, name: 'alice', role: 'admin' })
  t.same(await groups.of(id), ['family', 'staff'])
  const page = await program.get('/photos', { headers: { accept: 'text/html' } })
  t.equal(page.statusCode, 200)
  await groups.remove('staff')
  await groups.leave(id, 'family')
  t.same(await codes(), [refused, refused], 'and out at the next one, still signed in')
  t.same(await groups.of(id), [])

  await groups.join(id, 'family')
  await accounts.setRole('alice', 'admin')
  await accounts.add({ ...alice, username: 'bob' }, 'admin')
  await groups.join((await accountOf(app, 'bob')).id, 'family')
  await program.post('/login', alice)
  t.equal((await program.get('/photos')).statusCode, 200)
  await groups.leave(id, 'family')
  t.same(await codes(), [refused, refused], 'an administrator is in no group by that')
  await program.post('/become')
  t.same(await codes(), [refused, refused], 'whom an app calls bob is in no group of the account')
})

t.test('a user field of an Express app that is no name signs nobody in', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.get('/me', (request) => request.requireUser())
      app.post('/user', async (request) => {
        Object.assign(request.session, { user: Object(request.body).user })
        return {}
      })
    }
  })
  const program = await registerAlice(app, 'program')
  const asks = { headers: { accept: 'text/html' } }
  for (const user of [null, '', false, 1, {}, ['alice'], { name: 'alice' }]) {
    t.equal((await program.post('/user', { user })).statusCode, 200)
    t.equal((await program.get('/me')).statusCode, 401, JSON.stringify(user))
    t.equal((await program.get('/dashboard', asks)).headers.location, '/login?next=%2Fdashboard')
    t.equal((await program.get('/login', asks)).statusCode, 200, 'and there is no redirect loop')
    for (const url of ['/', '/login', '/logout']) t.equal((await program.get(url)).json().user, null, url)
    t.equal((await program.get('/gate')).statusCode, 401)
  }
  t.equal((await program.post('/logout')).statusCode, 200)
})

t.test('an account and its role do not pass to another user of the session', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.get('/me', (request) => request.requireUser())
      app.post('/become', async (request) => {
        request.session.user = 'bob'
        return {}
      })
    }
  })
  const program = await registerAlice(app, 'program')
  await app.latchkey.accounts.setRole('alice', 'admin')
  await program.post('/login', alice)
  const { id } = await accountOf(app)
  t.same((await program.get('/me')).json(), { id, name: 'alice', role: 'admin' })
  await program.post('/become')
  t.same((await program.get('/me')).json(), { id: 'name:bob', name: 'bob', role: 'user' })
})
