import t from 'tap'
import { build, registerAlice, Visitor } from '../build.ts'

t.test('requireUser gives the signed-in account', async (t) => {
  const app = await build(t, { routes: (app) => app.get('/me', (request) => request.requireUser()) })
  const alice = await registerAlice(app)
  t.same((await alice.get('/me')).json(), { name: 'alice' })
})

t.test('requireUser sends a browser to sign in, and back only where a link can lead', async (t) => {
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
  t.equal((await browser.submit('/private')).headers.location, '/login')
  t.notOk(ran, 'the handler did not go on')
})

t.test('requireUser answers anything else with 401 problem+json', async (t) => {
  const app = await build(t, { routes: (app) => app.get('/me', (request) => request.requireUser()) })
  const response = await app.inject({ url: '/me', headers: { accept: '*/*' } })
  t.equal(response.statusCode, 401)
  t.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8')
  t.equal(response.headers['www-authenticate'], 'Session realm="Latchkey"')
})
