import t from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build, databaseFile, secret, Visitor } from '../build.ts'
import { patience } from '../servers/patience.ts'
import { startRedis } from '../servers/redis.ts'

const { password } = alice
const changes: Record<string, (visitor: Visitor) => Promise<unknown>> = {
  'a confirmation': (visitor) => visitor.post('/confirm', { password }),
  'a changed password': (visitor) =>
    visitor.put('/api/password', { current: password, password: 'another long phrase' })
}

for (const [what, change] of Object.entries(changes))
  t.test(`${what} does not bring over a session that ended before Redis knew`, async (t) => {
    const app = await build(t, { env: { SESSION_SECRET: secret, REDIS_URL: (await startRedis(t)).url } })
    await app.latchkey.accounts.add(alice)
    const [laptop, phone] = [new Visitor(app, 'program'), new Visitor(app, 'program')]
    for (const visitor of [laptop, phone]) await visitor.post('/login', alice)
    const { id } = await accountOf(app)
    const database = await openSqlite(databaseFile(app), patience)
    t.teardown(() => database.close())

    // As a process does that is stopped between the commit and what follows.
    database.sqlite.prepare('UPDATE accounts SET version = version + 1 WHERE id = ?').run(id)
    await change(laptop)
    await app[services].sessions.applyEndings()

    for (const visitor of [laptop, phone]) t.equal((await visitor.get('/dashboard')).statusCode, 401)
  })
