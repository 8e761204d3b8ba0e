import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, build, databaseFile, registerAlice, secret } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startRedis } from '../servers/redis.ts'

t.test('in another process on the same Redis', async (t) => {
  const redis = await startRedis(t)
  const file = `${t.testdir()}/latchkey.db`
  const env = { DATABASE_URL: `file:${file}`, REDIS_URL: redis.url, SESSION_SECRET: secret }
  const [one, other] = [await build(t, { env }), await build(t, { env })]
  const browser = await registerAlice(one)
  const { id } = await accountOf(one)
  const { groups } = one.latchkey
  const { present } = other[services]
  const cookies = { ...browser.cookies }
  const named = async () => (await other.inject({ url: '/gate', cookies })).headers['remote-groups']
  /** Nothing is asked from then on. */
  const isKept = () =>
    eventually('what was read to be kept', async () => {
      await named()
      return present.peek(id) !== undefined
    })
  const forgotten = () => eventually('the change to be told', async () => present.peek(id) === undefined)

  await groups.add('family')
  await isKept()
  const kept = present.peek(id)
  t.same(kept?.groups, [])
  t.equal(await named(), '')
  t.equal(await present.find(id), kept, 'asks nothing')

  await groups.join(id, 'family')
  await forgotten()
  t.equal(await named(), 'family')
  await isKept()
  // Another program that writes into the database: whoever follows the ledger finds it.
  const program = new DatabaseSync(databaseFile(one))
  program.exec('DELETE FROM group_members')
  program.close()
  await forgotten()
  t.equal(await named(), '')

  await groups.join(id, 'family')
  await eventually('the group to be named', async () => (await named()) === 'family')
  await isKept()
  await groups.remove('family')
  await forgotten()
  t.equal(await named(), '')
  t.equal((await browser.get('/dashboard')).statusCode, 200, 'nobody was signed out')

  await isKept()
  const { tokens } = other[services]
  const asked = { name: 'phone', hosts: '', forApi: true, days: 1 }
  const made = await one[services].tokens.make(id, asked)
  const token = made.ok ? made.token : ''
  await eventually('the token to be kept', async () => {
    await tokens.verify(token)
    return tokens.peek(token) !== undefined
  })
  t.match(tokens.peek(token), { account: { id }, token: { name: 'phone' } }, 'asks nothing')
  await one[services].tokens.endAll(id)
  await eventually('its end to be told', async () => tokens.peek(token) === undefined)
  t.equal(await tokens.verify(token), 'wrong')
  t.equal(tokens.peek(token), 'wrong', 'a token that ended is not asked about again')

  await isKept()
  await redis.stop()
  await eventually('it not to be believed', async () => present.peek(id) === undefined)
  t.same((await present.find(id))?.groups, [], 'the database is asked')
  t.equal(present.peek(id), undefined, 'and that is not kept, because nobody would tell')
})

t.test('in another process on the same embedded database', async (t) => {
  const app = await build(t)
  await registerAlice(app)
  const { id } = await accountOf(app)
  const { groups } = app.latchkey
  const { present } = app[services]
  await groups.add('family')
  t.same((await present.find(id))?.groups, [])
  await groups.join(id, 'family')
  t.equal(present.peek(id), undefined)
  const found = await present.find(id)
  t.same(found?.groups, ['family'])
  t.equal(await present.find(id), found)

  const program = new DatabaseSync(databaseFile(app))
  program.exec('DELETE FROM group_members')
  program.close()
  t.same((await present.find(id))?.groups, [], 'at once')
  await app.latchkey.accounts.disable('alice', { force: true })
  t.equal(await present.find(id), undefined)
  await app.latchkey.accounts.enable('alice')
  t.match(await present.find(id), { name: 'alice' })
})
