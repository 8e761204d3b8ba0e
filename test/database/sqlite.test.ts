import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { ConfigError, StorageError } from '../../src/errors/errors.ts'
import { moduleUrl, runAtOnce } from '../processes.ts'
import { patience } from '../servers/patience.ts'

async function open(t: Test, file: string) {
  const database = await openSqlite(file, patience)
  t.teardown(() => database.close())
  return database
}

t.test('a new file is created with its folder and tables', async (t) => {
  const file = join(t.testdir(), 'not', 'there', 'latchkey.db')
  const { sqlite } = await open(t, file)
  t.ok(existsSync(file))
  const tables = sqlite.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
  t.same(
    tables.map(({ name }) => String(name)).filter((name) => !/^(latchkey|sqlite)_/.test(name)),
    [
      'accounts',
      'attempts',
      'audit',
      'data_keys',
      'devices',
      'endings',
      'former_addresses',
      'former_names',
      'group_members',
      'invitations',
      'ledger',
      'link_tokens',
      'outbox',
      'passkeys',
      'recovery_codes',
      'reset_mails',
      'reset_requests',
      'sessions',
      'spent',
      'tokens',
      'totp',
      'user_groups'
    ]
  )
})

t.test('acknowledged writes survive, and SQLite never blocks the process', async (t) => {
  const { sqlite } = await open(t, join(t.testdir(), 'latchkey.db'))
  t.same({ ...sqlite.prepare('PRAGMA journal_mode').get() }, { journal_mode: 'wal' })
  t.same({ ...sqlite.prepare('PRAGMA synchronous').get() }, { synchronous: 2 })
  t.same({ ...sqlite.prepare('PRAGMA foreign_keys').get() }, { foreign_keys: 1 })
  t.same({ ...sqlite.prepare('PRAGMA busy_timeout').get() }, { timeout: 0 })
})

t.test('data is still there after reopening', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const first = await openSqlite(file, patience)
  const session = { key: 'k', record: '{}', owner: null, expires_at: 1 }
  await first.sql.insertInto('sessions').values(session).execute()
  await first.close()
  const second = await open(t, file)
  t.match(await second.sql.selectFrom('sessions').selectAll().execute(), [session])
})

t.test('processes that open the same new file at once all succeed and create its tables once', async (t) => {
  const folder = t.testdir()
  const files = ['1', '2', '3'].map((round) => join(folder, round, 'latchkey.db'))
  const outputs = await runAtOnce(4, {
    prepare: `import { openSqlite } from ${moduleUrl('src/database/sqlite.ts')}`,
    act: `for (const file of ${JSON.stringify(files)}) {
      await together()
      const database = await openSqlite(file, ${patience})
      const { count } = database.sqlite.prepare('SELECT count(*) AS count FROM latchkey_migration').get()
      console.log(count)
      await database.close()
    }`
  })
  // As many steps in each, by each.
  t.match(outputs[0], /^(\d+)\n\1\n\1\n$/)
  t.equal(new Set(outputs).size, 1)
})

t.test('a file of a newer version is refused in a sentence that names the version', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const newer = await openSqlite(file)
  const insert = newer.sqlite.prepare('INSERT INTO latchkey_migration (name, timestamp) VALUES (?, ?)')
  insert.run('0099-factors@1.4.0', '2027-01-01T00:00:00.000Z')
  insert.run('0100-groups@2.0.0', '2027-01-01T00:00:00.000Z')
  await newer.close()
  await refuses(t, file, 'was created by Latchkey 2.0.0 or newer: start that version, or restore a backup')
})

t.test('a file of an unknown version is refused in a sentence', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const other = await openSqlite(file)
  other.sqlite.exec("INSERT INTO latchkey_migration (name, timestamp) VALUES ('0001-draft', '')")
  await other.close()
  await refuses(
    t,
    file,
    'was created by a version of Latchkey with the step 0001-draft: start that version, or restore a backup'
  )
})

t.test('another program’s file is refused in a sentence and left unchanged', async (t) => {
  const file = join(t.testdir(), 'recipes.db')
  const recipes = new DatabaseSync(file)
  // Kysely's own migrations table does not make it a database of Latchkey.
  recipes.exec('CREATE TABLE kysely_migration (name TEXT); CREATE TABLE recipes (name TEXT)')
  recipes.close()
  const before = readFileSync(file)
  await refuses(t, file, 'contains the tables of another program (kysely_migration): choose another file')
  t.ok(readFileSync(file).equals(before))
  t.same(readdirSync(dirname(file)), ['recipes.db'])
})

/** Opening it fails with one sentence that ends like this. */
async function refuses(t: Test, file: string, end: string) {
  const error = await openSqlite(file).catch((error: unknown) => error)
  t.ok(error instanceof ConfigError)
  t.same(Reflect.get(Object(error), 'faults'), [`DATABASE_URL is "file:${file}", which ${end}`])
}

t.test('a path that cannot be opened is a ConfigError that names it', async (t) => {
  const folder = t.testdir({ 'a-file': 'x', 'no-database.db': 'this is a text, and no database at all' })
  for (const name of ['', 'a-file/latchkey.db', 'no-database.db']) {
    const file = join(folder, name)
    const error = await openSqlite(file, patience).then(
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

t.test('a failed transaction leaves nothing behind', async (t) => {
  const { sql } = await open(t, ':memory:')
  const failing = sql.transaction().execute(async (transaction) => {
    await transaction.insertInto('sessions').values({ key: 'k', record: '{}', expires_at: 1 }).execute()
    throw new Error('no')
  })
  await t.rejects(failing, { message: 'no' })
  t.same(await sql.selectFrom('sessions').selectAll().execute(), [])
})

t.test('nothing is read row by row, which would block the only connection', async (t) => {
  const { sql } = await open(t, ':memory:')
  const rows = sql.selectFrom('sessions').selectAll().stream()
  await t.rejects(rows.next(), { message: 'Streaming is not supported.' })
})

t.test('a write waits for another process’s transaction and then succeeds', async (t) => {
  const file = join(t.testdir(), 'latchkey.db')
  const { sql } = await open(t, file)
  const other = await open(t, file)
  other.sqlite.exec('BEGIN IMMEDIATE')
  const writing = sql.insertInto('sessions').values({ key: 'k', record: '{}', expires_at: 1 }).execute()
  t.same(await other.sql.selectFrom('sessions').selectAll().execute(), [], 'reads go on')
  other.sqlite.exec('COMMIT')
  await writing
  t.equal((await other.sql.selectFrom('sessions').selectAll().execute()).length, 1)
})

t.test('every :memory: database is separate', async (t) => {
  const one = await open(t, ':memory:')
  const other = await open(t, ':memory:')
  await one.sql.insertInto('sessions').values({ key: 'k', record: '{}', expires_at: 1 }).execute()
  t.same(await other.sql.selectFrom('sessions').selectAll().execute(), [])
})

t.test('only their owner can access the file and SQLite’s files beside it', async (t) => {
  const folder = join(t.testdir({}), 'data')
  const database = await openSqlite(join(folder, 'latchkey.db'), patience)
  for (const name of readdirSync(folder)) t.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
  t.equal(statSync(folder).mode & 0o777, 0o700)
  await database.close()
})
