import t from 'tap'
import { build, registerAlice, Visitor } from '../../build.ts'

t.test('the dashboard greets the user and offers to sign out', async (t) => {
  const browser = await registerAlice(await build(t))
  const response = await browser.get('/dashboard')
  t.equal(response.statusCode, 200)
  t.match(response.body, '<bdi>alice</bdi>')
  t.match(response.body, /<form method="post" action="\/logout">/)
})

t.test('a program gets JSON', async (t) => {
  const program = await registerAlice(await build(t), 'program')
  t.same((await program.get('/dashboard')).json(), { user: 'alice' })
})

t.test('the dashboard requires signing in', async (t) => {
  const app = await build(t)
  const browser = await new Visitor(app, 'browser').get('/dashboard?tab=2')
  t.equal(browser.statusCode, 303)
  t.equal(browser.headers.location, '/login?next=%2Fdashboard%3Ftab%3D2')
  const program = await new Visitor(app, 'program').get('/dashboard')
  t.equal(program.statusCode, 401)
  t.match(program.json(), { code: 'LATCHKEY_SIGN_IN_REQUIRED' })
})
