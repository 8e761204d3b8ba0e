import t, { type Test } from 'tap'
import { sql as rawly } from '#vendor/kysely'
import { openPostgres } from '../../src/database/postgres.ts'
import { ConfigError, StorageError } from '../../src/errors/errors.ts'
import { outageOf } from '../../src/errors/store-refusal.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import { build, registerAlice, secret } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { freePort } from '../servers/free-port.ts'
import { patience } from '../servers/patience.ts'
import { databaseAt, startPgBouncer } from '../servers/pgbouncer.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'

const postgres = await startPostgres(t)
const nameOf = (url: string) => new URL(url).pathname.slice(1)
const names = [await postgres.newDatabase(), await postgres.newDatabase(), await postgres.newDatabase()].map(
  nameOf
)
const [one = '', two = '', three = ''] = names
const bouncer = await startPgBouncer(t, {
  one: databaseAt(postgres, one),
  three: databaseAt(postgres, three),
  missing: databaseAt(postgres, 'nowhere'),
  wrong: databaseAt(postgres, one, "password='wrong'"),
  down: `host=127.0.0.1 port=${await freePort()} user=x password=x`
})
/** As many set it up: what it does not know is ignored. */
const careless = await startPgBouncer(
  t,
  { two: databaseAt(postgres, two) },
  'ignore_startup_parameters = extra_float_digits, statement_timeout'
)

/** For a statement that takes too long. */
const shortPatience = 300

async function open(t: Test, url: string, waits = patience) {
  const told: string[] = []
  const listener = {
    onLost: (error: Error) => void told.push(outageOf('PostgreSQL', error)),
    onBack: () => void told.push('back')
  }
  const database = await openPostgres(url, listener, waits)
  t.teardown(() => database.close())
  return { ...database, told }
}

function account(name: string) {
  const skeletons = { skeleton: name, key_skeleton: name }
  return { id: newAccountId(), key: name, name, password_hash: '$', version: 1, created_at: 1, ...skeletons }
}

for (const [title, url, name] of [
  ['as it is', bouncer.urlOf('one'), one],
  ['that ignores the timeout of statements', careless.urlOf('two'), two]
] as const) {
  t.test(`through a PgBouncer ${title}`, async (t) => {
    const { sql, told } = await open(t, url)
    const add = (name: string) => sql.insertInto('accounts').values(account(name)).execute()
    const all = async () => {
      const found = await sql.selectFrom('accounts').select('name').orderBy('name').execute()
      return found.map(({ name }) => name)
    }

    // More at once than it has connections.
    await Promise.all(Array.from({ length: 12 }, (_, index) => add(`name-${index}`)))
    t.equal((await all()).length, 12)
    await t.rejects(add('name-3'), { cause: { code: '23505' } })
    const undone = sql.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('accounts').execute()
      throw new Error('not all of them')
    })
    await t.rejects(undone, { message: 'not all of them' })
    await sql.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('accounts').where('name', '!=', 'name-3').execute()
      await transaction.updateTable('accounts').set({ name: 'name' }).execute()
    })
    t.same(await all(), ['name'])
    t.same(told, [])
    const { rows } = await rawly<{ setting: string }>`
      SELECT setting FROM pg_settings WHERE name = 'statement_timeout'`.execute(sql)
    t.same(rows, [{ setting: String(patience * 0.8) }])

    t.test(
      'a statement that takes too long is cancelled on the server, in a transaction or not',
      async (t) => {
        const hasty = await open(t, url, shortPatience)
        await eventually('a connection', () => hasty.sql.selectFrom('accounts').select('name').execute())
        const direct = await open(t, postgres.urlOf(name))
        const locked = Promise.withResolvers<void>()
        const done = Promise.withResolvers<void>()
        const holding = direct.sql.transaction().execute(async (transaction) => {
          await transaction.insertInto('accounts').values(account('held')).execute()
          locked.resolve()
          await done.promise
          throw new Error('rolled back')
        })
        await Promise.race([locked.promise, holding])
        const held = account('held')
        await t.rejects(hasty.sql.insertInto('accounts').values(held).execute(), StorageError)
        const inTransaction = hasty.sql
          .transaction()
          .execute((transaction) => transaction.insertInto('accounts').values(held).execute())
        await t.rejects(inTransaction, StorageError)
        await eventually('nobody who waits', async () => {
          const { rows } = await rawly`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`.execute(
            direct.sql
          )
          return rows.length === 0
        })
        done.resolve()
        await t.rejects(holding, { message: 'rolled back' })
        t.same(await all(), ['name'])
        const { rows } = await rawly`SHOW statement_timeout`.execute(sql)
        t.match(rows, [{ statement_timeout: `${(patience * 0.8) / 1000}s` }], 'each has its own')
      }
    )
  })
}

t.test('the whole service works through it', async (t) => {
  const { url } = await startRedis(t)
  const env = { DATABASE_URL: bouncer.urlOf('three'), REDIS_URL: url, SESSION_SECRET: secret }
  const browser = await registerAlice(await build(t, { env }))
  t.equal((await browser.get('/dashboard')).statusCode, 200)
  const { cookies } = browser
  await browser.submit('/logout')
  browser.cookies = cookies
  t.equal((await browser.get('/dashboard')).statusCode, 303)
})

t.test('what it refuses stops the start, in its words or those of PostgreSQL', async (t) => {
  const reasons = {
    [bouncer.urlOf('none')]: 'no such database: none',
    [bouncer.urlOf('one', 'me:wrong')]: 'SASL authentication failed',
    [bouncer.urlOf('one', 'nobody:x')]: 'SASL authentication failed',
    [bouncer.urlOf('one', 'me')]: 'it asks for a password, and the address has none',
    [`${bouncer.urlOf('one')}?options=-c%20x.y%3D1`]: 'unsupported startup parameter: options',
    [`${bouncer.urlOf('one')}?ssl=true`]: 'The server does not support SSL connections',
    [bouncer.urlOf('missing')]: 'database "nowhere" does not exist',
    [bouncer.urlOf('wrong')]: 'password authentication failed for user "postgres"'
  }
  for (const [url, reason] of Object.entries(reasons)) {
    const error = await open(t, url).catch((error: unknown) => error)
    t.ok(error instanceof ConfigError, url)
    t.match(error, {
      faults: [`DATABASE_URL names a PostgreSQL server that refuses the connection: ${reason}`]
    })
  }
})

t.test('a PostgreSQL that is away behind it does not stop the start', async (t) => {
  const { told, sql } = await open(t, bouncer.urlOf('down'), shortPatience)
  t.match(told, [/^PostgreSQL is away: /])
  await t.rejects(sql.selectFrom('accounts').select('name').execute(), StorageError)
})
