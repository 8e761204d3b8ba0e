import pg from 'pg'
import t, { type Test } from 'tap'
import { Kysely, PostgresDialect, sql as rawly } from '#vendor/kysely'
import { openPostgres, type PostgresDatabase } from '../../src/database/postgres.ts'
import { ConfigError, StorageError } from '../../src/errors/errors.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import { moduleUrl, runAtOnce } from '../processes.ts'
import { eventually } from '../servers/eventually.ts'
import { freePort } from '../servers/free-port.ts'
import { patience } from '../servers/patience.ts'
import { startPostgres } from '../servers/postgres.ts'

const postgres = await startPostgres(t)
const skeletons = { skeleton: 'Alice', key_skeleton: 'alice' }
const alice = {
  id: newAccountId(),
  key: 'alice',
  name: 'Alice',
  password_hash: '$one',
  version: 1,
  ...skeletons
}
/** For tests that stop or pause it. */
const unsteady = await startPostgres(t)

/** For a server that does not answer. */
const shortPatience = 300

/** Opens it and collects the listener's calls. */
async function open(t: Test, url: string, waits = patience) {
  const told: string[] = []
  const listener = {
    onLost: ({ message }: Error) => void told.push(message),
    onBack: () => void told.push('back')
  }
  const database = await openPostgres(url, listener, waits)
  t.teardown(() => database.close())
  const names = () => database.sql.selectFrom('accounts').select('name').execute()
  return { ...database, told, names }
}

/** How many statements wait for a lock. */
async function waiting(sql: PostgresDatabase['sql']): Promise<number> {
  const { rows } = await rawly<{ count: number }>`
    SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`.execute(sql)
  return rows[0]?.count ?? 0
}

async function fails(t: Test, attempt: () => Promise<unknown>, cause: RegExp) {
  await t.rejects(attempt(), { code: 'LATCHKEY_STORAGE_UNAVAILABLE', cause: { message: cause } })
}

t.test('a new database gets its tables and has no sessions', async (t) => {
  const { sql, told } = await open(t, await postgres.newDatabase())
  const tables = await sql.introspection.getTables()
  t.same(
    tables.map(({ name }) => name).filter((name) => !name.startsWith('latchkey_')),
    [
      ...['accounts', 'audit', 'data_keys', 'devices', 'endings', 'former_addresses', 'former_names'],
      ...['group_members', 'invitations', 'ledger', 'link_tokens', 'outbox', 'passkeys', 'recovery_codes'],
      ...['reset_mails', 'reset_requests', 'spent', 'tokens', 'totp', 'user_groups']
    ]
  )
  t.same(told, [])
})

t.test('data is still there after reopening, and times are numbers', async (t) => {
  const url = await postgres.newDatabase()
  const created_at = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
  await (await open(t, url)).sql
    .insertInto('accounts')
    .values({ ...alice, created_at })
    .execute()
  const { sql } = await open(t, url)
  t.match(await sql.selectFrom('accounts').selectAll().execute(), [{ ...alice, created_at }])
})

t.test(
  'processes that open the same new database at once all succeed and create its tables once',
  async (t) => {
    const urls = [await postgres.newDatabase(), await postgres.newDatabase(), await postgres.newDatabase()]
    const outputs = await runAtOnce(4, {
      prepare: `import { openPostgres } from ${moduleUrl('src/database/postgres.ts')}`,
      act: `for (const url of ${JSON.stringify(urls)}) {
      await together()
      const database = await openPostgres(url, { onLost() {}, onBack() {} }, ${patience})
      const migrations = await database.sql.selectFrom('latchkey_migration').selectAll().execute()
      console.log(migrations.length)
      await database.close()
    }`
    })
    // As many steps in each, by each.
    t.match(outputs[0], /^(\d+)\n\1\n\1\n$/)
    t.equal(new Set(outputs).size, 1)
  }
)

t.test('a refused connection is a ConfigError with the reason and without the password', async (t) => {
  const url = await postgres.newDatabase()
  const wrong = url.replace(/:[^:@/]+@/, ':hunter2@')
  for (const statement of [
    "CREATE ROLE guest LOGIN PASSWORD 'guest'",
    "CREATE ROLE barred NOLOGIN PASSWORD 'barred'",
    'CREATE DATABASE closed ALLOW_CONNECTIONS false',
    'CREATE DATABASE private',
    'REVOKE CONNECT ON DATABASE private FROM PUBLIC'
  ])
    await postgres.run(statement)
  const reasons = {
    [wrong]: 'password authentication failed for user "postgres"',
    [postgres.urlOf('nowhere')]: 'database "nowhere" does not exist',
    [url.replace(/\/\/.*@/, '//guest:guest@')]: 'permission denied for schema public',
    [url.replace(/:[^:@/]+@/, '@')]: 'it asks for a password, and the address has none',
    [`${url}?options=-c%20nothing%3D1`]: 'unrecognized configuration parameter "nothing"',
    [`${url}?replication=sometimes`]: 'invalid value for parameter "replication": "sometimes"',
    [`${url}?ssl=true`]: 'The server does not support SSL connections',
    [postgres.urlOf('closed')]: 'database "closed" is not currently accepting connections',
    [url.replace(/\/\/.*@/, '//barred:barred@')]: 'role "barred" is not permitted to log in',
    [postgres.urlOf('private').replace(/\/\/.*@/, '//guest:guest@')]:
      'permission denied for database "private"',
    [`postgres://guest@/postgres?host=/${'x'.repeat(120)}`]: /^DATABASE_URL .*connect E(INVAL|NAMETOOLONG)/
  }
  for (const [url, reason] of Object.entries(reasons)) {
    const error = await open(t, url).catch((error: unknown) => error)
    t.ok(error instanceof ConfigError)
    const words = `DATABASE_URL names a PostgreSQL server that refuses the connection: ${reason}`
    t.match(error, { faults: [reason instanceof RegExp ? reason : words] })
    t.notMatch(String(error), /hunter2|guest:guest|barred:barred|not%20a/)
  }
})

t.test('a Unix socket, as libpq writes it', async (t) => {
  const url = new URL(await postgres.newDatabase())
  const at = `host=${postgres.folder}&port=${postgres.port}`
  const { username, password, pathname } = url
  const { names, sql, told } = await open(t, `postgres://${username}:${password}@${pathname}?${at}`)
  t.same(await names(), [])
  const { rows } = await rawly`SELECT inet_server_addr() AS address`.execute(sql)
  t.same([rows, told], [[{ address: null }], []])
})

/** Runs it where the server is. It reads its input to the end: the server calls a pipe that nobody reads an error. */
const program = (command: string) => `COPY (SELECT) TO PROGRAM 'cat > /dev/null; ${command}'`

t.test('a server that wants TLS or a trusted certificate refuses', async (t) => {
  const url = await unsteady.newDatabase()
  const certificate = 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=db'
  for (const statement of [
    // In its own folder, and its own file: it takes no other.
    program(`${certificate} -keyout server.key -out server.crt && chmod 600 server.key`),
    program('sed -i s/^host/hostssl/ pg_hba.conf'),
    'ALTER SYSTEM SET ssl = on',
    'SELECT pg_reload_conf()'
  ])
    await unsteady.run(statement)
  const faultOf = (url: string) =>
    open(t, url).then(
      () => 'none',
      (error: ConfigError) => error.faults?.[0]
    )
  await eventually('TLS', async () => /no encryption$/.test((await faultOf(url)) ?? ''))
  t.match(await faultOf(url), /refuses the connection: no pg_hba\.conf entry for host .*, no encryption$/)
  t.match(await faultOf(`${url}?ssl=true`), /refuses the connection: TLS fails: self-signed certificate/)
  const { names } = await open(t, `${url}?sslmode=no-verify`)
  t.same(await names(), [])
  const back = new pg.Client({ connectionString: `${url}?sslmode=no-verify` })
  await back.connect()
  await back.query(program('sed -i s/^hostssl/host/ pg_hba.conf'))
  await back.query('SELECT pg_reload_conf()')
  await back.end()
  await eventually('no need of TLS', () => unsteady.run('SELECT 1').then(() => true))
})

t.test('a refusal at run time is said as such, once, and ends no process', async (t) => {
  await postgres.run("CREATE ROLE tenant LOGIN PASSWORD 'tenant'")
  await postgres.run('CREATE DATABASE tenant OWNER tenant')
  const url = postgres.urlOf('tenant').replace(/\/\/.*@/, '//tenant:tenant@')
  const { names, told } = await open(t, url)
  t.same(await names(), [])
  await postgres.run('ALTER ROLE tenant NOLOGIN')
  const end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenant'"
  await postgres.run(end)
  await eventually('the refusal', () =>
    names().then(
      () => false,
      (error) => /not permitted/.test(error.cause)
    )
  )
  await fails(t, names, /is not permitted to log in/)
  t.equal(told.filter((line) => line === 'role "tenant" is not permitted to log in').length, 1)
  await postgres.run('ALTER ROLE tenant LOGIN')
  t.same(await names(), [])
  t.equal(told.at(-1), 'back')
})

/** Opening it fails with one sentence. */
async function refuses(t: Test, url: string, fault: string) {
  const error = await open(t, url).catch((error: unknown) => error)
  t.ok(error instanceof ConfigError)
  t.match(error, { faults: [fault] })
}

t.test('a database of a newer version is refused in a sentence that names the version', async (t) => {
  const url = await postgres.newDatabase()
  const { sql } = await open(t, url)
  await rawly`INSERT INTO latchkey_migration (name, timestamp) VALUES ('0100-groups@2.0.0', '')`.execute(sql)
  await refuses(
    t,
    url,
    'DATABASE_URL names a PostgreSQL database, which was created by Latchkey 2.0.0 or newer: start that version, or restore a backup'
  )
})

t.test('another program’s tables may exist beside ours, but not under our names', async (t) => {
  const url = await postgres.newDatabase()
  const app = new Kysely<never>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) })
  })
  t.teardown(() => app.destroy())
  await rawly`CREATE TABLE kysely_migration (name TEXT)`.execute(app)
  await rawly`CREATE TABLE audit (invoice TEXT)`.execute(app)
  await refuses(
    t,
    url,
    'DATABASE_URL names a PostgreSQL database, which has a table audit of another program: choose another database or schema'
  )
  await rawly`ALTER TABLE audit RENAME TO audits`.execute(app)
  const { names, told } = await open(t, url)
  t.same(await names(), [])
  t.same(told, [])
})

t.test('an invalid URL is a ConfigError without the password', async (t) => {
  const url = 'postgres://me:hunter2@localhost/x?sslrootcert=/not/there'
  const error = await open(t, url).catch((error: unknown) => error)
  t.match(error, { faults: [/^DATABASE_URL cannot be used: ENOENT/] })
  t.notMatch(String(error), 'hunter2')
})

t.test('if PostgreSQL is away, that is logged once and each statement fails at once', async (t) => {
  const { told, names } = await open(t, `postgres://me:hunter2@localhost:${await freePort()}/x`)
  await fails(t, names, /ECONNREFUSED/)
  await fails(t, names, /ECONNREFUSED/)
  t.equal(told.length, 1)
  t.match(told[0], /ECONNREFUSED/)
})

t.test('a PostgreSQL that starts later gets its tables then', async (t) => {
  const url = await unsteady.newDatabase()
  await unsteady.stop()
  const { told, names } = await open(t, url)
  await fails(t, names, /ECONNREFUSED/)
  await unsteady.start()
  t.same(await names(), [])
  t.match(told, [/ECONNREFUSED/, 'back'])
})

t.test('a PostgreSQL that restarts works again', async (t) => {
  const { told, names, sql } = await open(t, await unsteady.newDatabase())
  await sql
    .insertInto('accounts')
    .values({ ...alice, created_at: 1 })
    .execute()
  const underway = sql.selectNoFrom(({ fn, val }) => fn('pg_sleep', [val(3600)]).as('slept')).execute()
  const failed = t.rejects(underway, StorageError)
  await unsteady.stop()
  await failed
  await fails(t, names, /ECONNREFUSED/)
  await unsteady.start()
  t.same(await names(), [{ name: 'Alice' }])
  t.equal(told.length, 2)
  t.equal(told[1], 'back')
})

t.test('a PostgreSQL that hangs is an error for each of many requests, until it answers', async (t) => {
  const { told, names } = await open(t, await unsteady.newDatabase(), shortPatience)
  await eventually('connections', () => Promise.all(Array.from({ length: 20 }, names)))
  told.length = 0
  await unsteady.pause()
  for (let round = 0; round < 2; round += 1) {
    await Promise.all(Array.from({ length: 20 }, () => fails(t, names, /no (answer|connection) for/)))
  }
  unsteady.resume()
  await eventually('an answer', names)
  t.match(told, [/no (answer|connection) for/, 'back'])
  t.equal(told.length, 2)
})

t.test('a PostgreSQL that hangs from the beginning does not delay the start', async (t) => {
  const url = await unsteady.newDatabase()
  await unsteady.pause()
  const { names, told } = await open(t, url, shortPatience)
  t.match(told, [/no (answer|connection) for/])
  unsteady.resume()
  t.same(await eventually('an answer', names), [])
})

t.test('a statement that takes too long is cancelled on the server, so it is not done later', async (t) => {
  const url = await postgres.newDatabase()
  const { names, sql } = await open(t, url, shortPatience)
  const other = await open(t, url)
  const locked = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const holding = other.sql.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('accounts')
      .values({ ...alice, created_at: 1 })
      .execute()
    locked.resolve()
    await done.promise
    throw new Error('rolled back')
  })
  await Promise.race([locked.promise, holding])
  await eventually('a connection', names)
  await t.rejects(
    sql
      .insertInto('accounts')
      .values({ ...alice, created_at: 2 })
      .execute(),
    StorageError
  )
  // On a busy machine that may happen a little later than here.
  await eventually('nobody who waits', async () => (await waiting(other.sql)) === 0)
  done.resolve()
  await t.rejects(holding, { message: 'rolled back' })
  t.same(await other.names(), [])
})
