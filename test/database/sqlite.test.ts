import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { ConfigError, StorageError } from '../../src/errors/errors.ts'
import { moduleUrl, runAtOnce } from '../processes.ts'

async function open(t: Test, file: string) {
  const database = await openSqlite(file)
  t.teardown(() => database.close())
  return database
}

t.test('a new file is made with its folder and its tables', async (t) => {
  const file = join(t.testdir(), 'not', 'there', 'latchkey.db')
  const { sqlite } = await open(t, file)
  t.ok(existsSync(file))
  const tables = sqlite.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
  t.match(
    tables.map(({ name }) => name).filter((name) => !String(name).startsWith('kysely_')),
    ['accounts', 'audit', 'sessions']
  )
})

t.test('what was acknowledged survives, and SQLite never has the process wait', async (t) => {
  const { sqlite } = await open(t, join(t.testdir(), 'latchkey.db'))
  t.same({ ...sqlite.prepare('PRAGMA journal_mode').get() }, { journal_mode: 'wal' })
  t.same({ ...sqlite.prepare('PRAGMA synchronous').get() }, { synchronous: 2 })
  t.same({ ...sqlite.prepare('PRAGMA foreign_keys').get() }, { foreign_keys: 1 })
  t.same({ ...sqlite.prepare('PRAGMA busy_timeout').get() }, { timeout: 0 })
})

t.test('what is in it is there when it is opened again', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const first = await openSqlite(file)
  const session = { key: 'k', record: '{}', owner: null, expires_at: 1 }
  await first.sql.insertInto('sessions').values(session).execute()
  await first.close()
  const second = await open(t, file)
  t.same(await second.sql.selectFrom('sessions').selectAll().execute(), [session])
})

t.test('processes that open the same new file at once all succeed and make its tables once', async (t) => {
  const folder = t.testdir()
  const files = ['1', '2', '3'].map((round) => join(folder, round, 'latchkey.db'))
  const outputs = await runAtOnce(4, {
    prepare: `import { openSqlite } from ${moduleUrl('src/database/sqlite.ts')}`,
    act: `for (const file of ${JSON.stringify(files)}) {
      await together()
      const database = await openSqlite(file)
      const { count } = database.sqlite.prepare('SELECT count(*) AS count FROM kysely_migration').get()
      console.log(count)
      await database.close()
    }`
  })
  t.same(outputs, Array(4).fill('6\n6\n6\n'))
})

t.test(
  'an account from before there were roles is a user’s, enabled, and was never tried in vain',
  async (t) => {
    const file = join(t.testdir(), 'latchkey.db')
    const before = await openSqlite(file)
    before.sqlite.exec(`
    ALTER TABLE accounts DROP COLUMN role;
    ALTER TABLE accounts DROP COLUMN disabled_at;
    ALTER TABLE accounts DROP COLUMN wrong_tries;
    ALTER TABLE accounts RENAME COLUMN version TO password_version;
    DROP TABLE tries;
    DELETE FROM kysely_migration WHERE name >= '0004-roles';
    INSERT INTO accounts (key, name, password_hash, password_version, created_at) VALUES ('a', 'A', '$', 3, 7)`)
    await before.close()

    const { sql, close } = await openSqlite(file)
    t.match(await sql.selectFrom('accounts').selectAll().execute(), [
      { name: 'A', role: 'user', disabled_at: null, version: 3, created_at: 7, wrong_tries: 0 }
    ])
    await close()
  }
)

t.test('a path that cannot be opened is a ConfigError that names it', async (t) => {
  const folder = t.testdir({ 'a-file': 'x', 'no-database.db': 'this is a text, and no database at all' })
  for (const name of ['', 'a-file/latchkey.db', 'no-database.db']) {
    const file = join(folder, name)
    const error = await openSqlite(file).then(
      () => t.fail('it was opened'),
      (error: unknown) => error
    )
    t.ok(error instanceof ConfigError && error.faults[0]?.includes(file), name)
  }
})

t.test('a statement that cannot be run is a StorageError with its cause', async (t) => {
  const { sql, sqlite } = await open(t, ':memory:')
  await sql.insertInto('sessions').values({ key: 'k', record: '{}', expires_at: 1 }).execute()
  const twice = sql.insertInto('sessions').values({ key: 'k', record: '{}', expires_at: 1 }).execute()
  await t.rejects(twice, { code: 'LATCHKEY_STORAGE_UNAVAILABLE', cause: { message: /UNIQUE/ } })
  sqlite.exec('DROP TABLE sessions')
  await t.rejects(sql.selectFrom('sessions').selectAll().execute(), StorageError)
})

t.test('a transaction that fails leaves nothing behind', async (t) => {
  const { sql } = await open(t, ':memory:')
  const failing = sql.transaction().execute(async (transaction) => {
    await transaction.insertInto('sessions').values({ key: 'k', record: '{}', expires_at: 1 }).execute()
    throw new Error('no')
  })
  await t.rejects(failing, { message: 'no' })
  t.same(await sql.selectFrom('sessions').selectAll().execute(), [])
})

t.test('nothing is read row by row, which would hold the one connection', async (t) => {
  const { sql } = await open(t, ':memory:')
  const rows = sql.selectFrom('sessions').selectAll().stream()
  await t.rejects(rows.next(), { message: 'Nothing of ours is so long that it has to be streamed.' })
})

t.test('a write waits for the transaction of another process and is done then', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const { sql } = await open(t, file)
  const other = await open(t, file)
  other.sqlite.exec('BEGIN IMMEDIATE')
  const writing = sql.insertInto('sessions').values({ key: 'k', record: '{}', expires_at: 1 }).execute()
  t.same(await other.sql.selectFrom('sessions').selectAll().execute(), [], 'while others read')
  other.sqlite.exec('COMMIT')
  await writing
  t.equal((await other.sql.selectFrom('sessions').selectAll().execute()).length, 1)
})

t.test('every :memory: database is its own', async (t) => {
  const one = await open(t, ':memory:')
  const other = await open(t, ':memory:')
  await one.sql.insertInto('sessions').values({ key: 'k', record: '{}', expires_at: 1 }).execute()
  t.same(await other.sql.selectFrom('sessions').selectAll().execute(), [])
})

t.test('the file and what SQLite puts beside it are for their owner only', async (t) => {
  const folder = join(t.testdir({}), 'data')
  const database = await openSqlite(join(folder, 'latchkey.db'))
  for (const name of readdirSync(folder)) t.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
  t.equal(statSync(folder).mode & 0o777, 0o700)
  await database.close()
})
