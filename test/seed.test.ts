// group: real-processes
import t from 'tap'
import { accountOf, build, Visitor } from './build.ts'
import { seed } from './seed.ts'

t.test('creates people who can sign in and see their sessions', async (t) => {
  const env = { DATABASE_URL: `file:${t.testdir()}/latchkey.db` }
  const said = await seed(env)
  t.match(said, ['Added alice, admin.', 'Added bob, user.'])

  const app = await build(t, { env })
  const { sessions } = await app.latchkey.sessions.listByUser((await accountOf(app)).id)
  t.equal(sessions.length, 3)
  const password = said.at(-1)?.split(': ')[1] ?? ''
  const answer = await new Visitor(app, 'program').post('/login', { username: 'alice', password })
  t.equal(answer.statusCode, 200)
})

t.test('leaves existing accounts unchanged', async (t) => {
  const env = { DATABASE_URL: `file:${t.testdir()}/latchkey.db` }
  await seed(env)
  t.match(await seed(env), ['alice is there already.'])
})
