// group: real-processes
import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../src/database/database.ts'
import { services } from '../src/open-services.ts'
import { readConfig } from '../src/settings/config.ts'
import { accountOf, build, Visitor } from './build.ts'
import { outcome, settings, start } from './cli/command.ts'
import { readWords, seed } from './seed.ts'
import { seedPeople } from './seed-people.ts'
import { patience } from './servers/patience.ts'
import { emptyDatabase } from './servers/shared-postgres.ts'

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

t.test('Ctrl-C ends it, and what is there can be used', async (t) => {
  const env = settings(t)
  const child = start(['node', join(import.meta.dirname, 'seed.ts'), '--people', '100000000'], env)
  const ended = outcome(child)
  child.stderr.once('data', () => child.kill('SIGINT'))
  const { code, err } = await ended
  t.equal(code, 130)
  const [, count] = /\nStopped after (\d+) people, who stay\. To go on, add --add\.\n$/.exec(err) ?? []
  t.ok(Number(count) >= 5000 && Number(count) % 5000 === 0, `${count} are whole parts`)
  const app = await build(t, { env: { DATABASE_URL: env.DATABASE_URL ?? '', MAIL_URL: 'off' } })
  const anna = { username: 'anna.adler.0', password: 'correct horse battery' }
  const program = new Visitor(app, 'program')
  t.equal((await program.post('/login', anna)).statusCode, 200)
  const last = {
    ...anna,
    username:
      (await app[services].people.search({ direction: 'descending', limit: 1 })).accounts[0]?.name ?? ''
  }
  t.equal((await new Visitor(app, 'program').post('/login', last)).statusCode, 200, last.username)
  const { accounts } = (await program.get('/api/accounts?sort=created&limit=1000')).json()
  t.equal(accounts.length, 1000)
})

t.test('fills either database with people who share one hash, and stops when it is told to', async (t) => {
  const postgres = await emptyDatabase(t)
  const redis = { REDIS_URL: 'redis://127.0.0.1:1', SESSION_SECRET: 'x'.repeat(40) }
  for (const env of [
    { DATABASE_URL: `file:${t.testdir()}/latchkey.db` },
    { DATABASE_URL: postgres, ...redis }
  ]) {
    const told: number[] = []
    const stopped = new AbortController()
    const onProgress = (done: number) => {
      told.push(done)
      stopped.abort()
    }
    const password = 'correct horse battery'
    const options = { people: 12_000, password, onProgress, signal: stopped.signal }
    t.equal(await seedPeople(env, options), 5000, 'what is written stays')
    await t.rejects(seedPeople(env, options), { message: /5000 accounts are there/ })
    t.equal(await seedPeople(env, { people: 3, add: true, password }), 3)
    t.same(told, [5000])
    const { database: address } = readConfig(env)
    const database = await openDatabase(address, { onLost: () => {}, onBack: () => {} }, patience)
    const people = database.sql.selectFrom('accounts')
    const hashes = await people.select('password_hash').distinct().execute()
    t.equal(hashes.length, 2, 'one of each run')
    const { n } = await people.select(({ fn }) => fn.countAll().as('n')).executeTakeFirstOrThrow()
    t.equal(Number(n), 5003)
    t.match(await people.select(['name', 'key']).where('role', '=', 'admin').execute(), [
      { name: 'anna.adler.0' }
    ])
    await database.close()
  }
})

t.test('says in a line what is wrong with its words', (t) => {
  t.same(readWords([]), {})
  t.same(readWords(['--people', '1000000']), { people: 1_000_000, add: false })
  t.same(readWords(['--people=10', '--add']), { people: 10, add: true })
  for (const number of ['0', '1e9', 'x', '', '1.5', '9'.repeat(20)])
    t.match(readWords(['--people', number]), { fault: `--people is ${number}: it is a whole number from 1.` })
  for (const words of [['--people', '-1'], ['--people'], ['--persons', '5'], ['5']])
    t.match(readWords(words), { fault: /^[^\n]+$/ }, words.join(' '))
  t.end()
})
