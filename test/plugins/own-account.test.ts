import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { recordIn } from '../../src/sessions/session-text.ts'
import { accountOf, alice, build, databaseFile, registerAlice, Visitor } from '../build.ts'

t.test('somebody whom an app knows by a name alone has no account’s pages, role or step-up', async (t) => {
  const app = await build(t, {
    routes: (app) => {
      app.post('/by-name', async ({ session }) =>
        Object.assign(session, { user: 'alice', accountRole: 'admin' })
      )
      app.get('/me', (request) => request.requireUser())
      app.get('/soon', (request) => request.requireUser({ within: '10m' }))
      app.get('/all', (request) => request.requireUser({ role: 'admin' }))
      app.get('/with-account', (request) => request.requireUser({ account: true }))
    }
  })
  const owner = await registerAlice(app)
  const program = new Visitor(app, 'program')
  await program.post('/by-name')
  t.same((await program.get('/me')).json(), { id: 'name:alice', name: 'alice', role: 'user' })
  t.match((await program.get('/all')).json(), { code: 'LATCHKEY_ROLE_REQUIRED' })
  const paths = ['/soon', '/with-account', '/account', '/account/sessions', '/account/activity']
  for (const path of [...paths, '/account/password', '/account/remove', '/confirm', '/api/sessions'])
    t.match((await program.get(path)).json(), { code: 'LATCHKEY_SIGN_IN_REQUIRED' }, path)
  t.match((await program.post('/confirm', { password: alice.password })).json(), { status: 401 })
  const { headers } = await program.get('/gate')
  t.same([headers['remote-user'], headers['x-auth-id']], ['alice', ''])
  const page = { headers: { accept: 'text/html' } }
  t.equal((await program.get('/account', page)).headers.location, '/login?next=%2Faccount')
  t.equal((await program.get('/login?next=%2Faccount', page)).statusCode, 200, 'and no redirect back')
  const { sessions } = (await owner.get('/account/sessions', { headers: { accept: '*/*' } })).json()
  t.equal(sessions.length, 1, 'nor is the session in the account’s list')
  await app.latchkey.accounts.disable('alice', { force: true })
  t.equal((await program.get('/me')).statusCode, 401, 'it ends with the account’s')
})

t.test('a record whose account is no id is nobody’s', async (t) => {
  const app = await build(t, { env: { SESSION_CACHE: '0' } })
  const browser = await registerAlice(app)
  const { id } = await accountOf(app)
  const database = new DatabaseSync(databaseFile(app))
  const [row] = database.prepare('SELECT key, record FROM sessions').all()
  for (const account of ['alice', '', 1, null, {}, `${id}A`]) {
    const record = JSON.stringify({ ...recordIn(String(row?.record)), account })
    database.prepare('UPDATE sessions SET record = ? WHERE key = ?').run(record, String(row?.key))
    const what = JSON.stringify(account)
    t.equal((await browser.get('/dashboard')).headers.location, '/login?next=%2Fdashboard', what)
    t.equal((await browser.get('/login')).statusCode, 200, what)
    t.equal((await browser.get('/gate', { headers: { accept: 'application/json' } })).statusCode, 401, what)
  }
  database.close()
  t.equal((await browser.submit('/login', alice)).statusCode, 303)
  t.equal((await browser.get('/account')).statusCode, 200)
})
