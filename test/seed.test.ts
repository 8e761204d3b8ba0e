// group: real-processes
import t from 'tap'
import { build, Visitor } from './build.ts'
import { seed } from './seed.ts'

t.test('gives people who can sign in and see sessions of theirs', async (t) => {
  const env = { DATABASE_URL: `file:${t.testdir()}/latchkey.db` }
  const said = await seed(env)
  t.match(said, ['Added alice, admin.', 'Added bob, user.'])

  const app = await build(t, { env })
  const sessions = await app.latchkey.sessions.listByUser('alice')
  t.equal(sessions.length, 3)
  const password = said.at(-1)?.split(': ')[1] ?? ''
  const answer = await new Visitor(app, 'program').post('/login', { username: 'alice', password })
  t.equal(answer.statusCode, 200)
})

t.test('changes nothing about who is there already', async (t) => {
  const env = { DATABASE_URL: `file:${t.testdir()}/latchkey.db` }
  await seed(env)
  t.match(await seed(env), ['alice is there already.'])
})
