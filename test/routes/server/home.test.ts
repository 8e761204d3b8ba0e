import t from 'tap'
import { build, registerAlice, Visitor } from '../../build.ts'

t.test('the home page leads to the first account, then to signing in, then to the dashboard', async (t) => {
  const app = await build(t)
  const browser = new Visitor(app, 'browser')
  t.match((await browser.get('/')).body, 'Create the first account')
  const alice = await registerAlice(app)
  t.match((await browser.get('/')).body, /href="\/login">Sign in/)
  t.match((await alice.get('/')).body, /href="\/dashboard"/)
})

t.test('if anybody can register the home page offers it', async (t) => {
  const app = await build(t, { env: { REGISTRATION: 'open' } })
  await registerAlice(app)
  t.match((await new Visitor(app, 'browser').get('/')).body, 'New here?')
})

t.test('a program is told who is signed in', async (t) => {
  const app = await build(t)
  t.same((await new Visitor(app, 'program').get('/')).json(), { service: 'Latchkey', user: null })
  const alice = await registerAlice(app, 'program')
  t.same((await alice.get('/')).json(), { service: 'Latchkey', user: 'alice' })
})
