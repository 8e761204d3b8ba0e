import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t from 'tap'
import { sql } from '#vendor/kysely'
import { FirstAccount } from '../../src/accounts/first-account.ts'
import { versionAt } from '../../src/accounts/version-at.ts'
import { openDatabase } from '../../src/database/database.ts'
import { newNonce } from '../../src/endings/ending.ts'
import type { Claim } from '../../src/endings/judge.ts'
import { Ledger } from '../../src/endings/ledger.ts'
import { endingOf, handoverOf } from '../../src/endings/logged-endings.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import { ownerKeyOfName } from '../../src/identity/owner-key.ts'
import { clockErrorMilliseconds } from '../../src/primitives/clock.ts'
import { sessionReader } from '../../src/sessions/claims.ts'
import { readConfig } from '../../src/settings/config.ts'
import { overEachDatabase } from '../servers/databases.ts'
import { eventually } from '../servers/eventually.ts'
import { patience } from '../servers/patience.ts'
import { emptyDatabase } from '../servers/shared-postgres.ts'

/** Far later than any row is swept. */
const latest = Date.now() + 500 * 24 * 3_600_000
const nobody = { n: 0, nonce: '' }
const twoHours = 2 * 3_600_000
/** As the time since this process began: no test runs so long. */
const inAnHour = 3_600_000
const account = {
  ...{ id: newAccountId(), key: 'ada', name: 'Ada', skeleton: 'ada', key_skeleton: 'ada' },
  ...{ password_hash: 'hash', version: 3, created_at: 1, first: null, disabled_at: null, kept_session: null }
}

function session(key: string, until = 10_000) {
  return { kind: 'session' as const, key, owner: 'account-of-ada', nonce: newNonce(), until }
}

overEachDatabase(t, async (t, open) => {
  t.test('what is logged is read in order, and once however often it was logged', async (t) => {
    const ledger = new Ledger((await open(t)).sql)
    const ended = session('one')
    const named = { kind: 'name' as const, owner: ownerKeyOfName('Bob'), nonce: newNonce(), until: 1 }
    await Promise.all([ledger.log(ended), ledger.log(named), ledger.log(session('two'))])
    await ledger.log(ended)
    const rows = (await ledger.after(nobody, 10)) ?? []
    t.match(rows, [
      { kind: 'session', key: 'one', owner: 'account-of-ada' },
      { kind: 'name', owner: 'name:Bob' },
      { kind: 'session', key: 'two' }
    ])
    t.equal(rows.length, 3)
    t.ok(rows.every(({ n }, index) => index === 0 || n > (rows[index - 1]?.n ?? n)))
    t.equal(await ledger.id(), await ledger.id())
  })

  t.test('whatever another program has stored, what ends of it is written down', async (t) => {
    const ledger = new Ledger((await open(t)).sql)
    const reader = sessionReader(readConfig({}).lifetimes)
    const odd: Record<string, unknown>[] = [
      ...['a\0b', '\ud800', 'x'.repeat(60_000), randomBytes(8000).toString('base64')].map((user) => ({
        user
      })),
      ...['today', {}, null, 1e300, -1e300, 1.5, -1].map((startedAt) => ({ user: 'ada', startedAt })),
      ...['today', 1e300, 0.5].map((password) => ({ user: 'ada', accountProofs: { password } })),
      ...[2 ** 40, 0.5, 'one', -1].map((gen) => ({ user: 'ada', gen })),
      ...[2 ** 52, 'one'].map((epoch) => ({ user: 'ada', epoch, era: epoch }))
    ]
    for (const [index, record] of odd.entries()) {
      const [key, from] = [`odd-${index}`, JSON.stringify(record)]
      const handed = handoverOf(
        `${key} handed`,
        { from, to: JSON.stringify({ ...record, user: 'bob' }) },
        reader
      )
      const rows = [endingOf(key, from, reader), handed].filter((row) => row !== undefined)
      await t.resolves(Promise.all(rows.map((row) => ledger.log(row))), from.slice(0, 80))
      t.ok(
        rows.every(({ until }) => until < latest),
        `${from.slice(0, 80)} is swept one day`
      )
      const claim = reader.claimOf(key, from)
      t.equal((await ledger.judge(claim)).isOver, claim.owner !== undefined, from.slice(0, 80))
    }
  })

  t.test('rows are followed in parts, and a ledger that went back is noticed', async (t) => {
    const { sql: db } = await open(t)
    const ledger = new Ledger(db)
    for (const key of ['one', 'two', 'three']) await ledger.log(session(key))
    const [first, second] = (await ledger.after(nobody, 2)) ?? []
    if (!first || !second) return t.fail('two rows')
    t.match(await ledger.after(first, 1), [{ key: 'two' }])
    t.match(await ledger.after(second, 9), [{ key: 'three' }])
    t.equal(await ledger.after({ n: second.n, nonce: 'another' }, 9), undefined, 'another row')
    t.equal(await ledger.after({ n: 100, nonce: 'lost' }, 9), undefined, 'no such row')
  })

  t.test('a change of an account writes its row, whoever makes it', async (t) => {
    const { sql: db } = await open(t)
    const ledger = new Ledger(db)
    await db.insertInto('accounts').values(account).execute()
    const change = db.updateTable('accounts').where('key', '=', 'ada')
    await change.set({ failed_attempts: 1 }).execute()
    t.same(await ledger.after(nobody, 9), [], 'nothing ended')
    await change.set({ version: 4, kept_session: 'kept' }).execute()
    await change.set({ version: 5, kept_session: null }).execute()
    await db.deleteFrom('accounts').execute()
    const common = { kind: 'account', owner: account.id, name: 'Ada' }
    t.match(await ledger.after(nobody, 9), [
      { ...common, epoch: 4, keep: 'kept' },
      { ...common, epoch: 5 },
      { ...common, epoch: 6 }
    ])
  })

  t.test('a change that is rolled back has not ended anything', async (t) => {
    const { sql: db } = await open(t)
    const ledger = new Ledger(db)
    await db.insertInto('accounts').values(account).execute()
    const undone = db.transaction().execute(async (transaction) => {
      await transaction.updateTable('accounts').set({ version: 4 }).execute()
      throw new Error('undone')
    })
    await t.rejects(undone, { message: 'undone' })
    t.same(await ledger.after(nobody, 9), [])
  })

  t.test('a clock that was set back after an ending holds up one request at most', async (t) => {
    const { sql: db } = await open(t)
    const ledger = new Ledger(db)
    const { id } = account
    await db.insertInto('accounts').values(account).execute()
    await db.updateTable('accounts').set({ version: 4 }).execute()
    await db
      .updateTable('endings')
      .set({ at: sql<number>`at + ${twoHours}` })
      .execute()
    const asked = (arrivedAt: number) =>
      Promise.all([versionAt(db, { id, version: 4 }, arrivedAt), ledger.epochOfName('Ada', arrivedAt)])
    const n = Number((await ledger.after(nobody, 1))?.[0]?.n)
    t.same(await asked(0), [3, n - 1], 'it may have been begun before')
    t.same(await asked(inAnHour), [4, n], 'begun after the ending was seen')
    t.same(await asked(0), [3, n - 1], 'still under way')
  })

  t.test('the database knows of each session whether it is over', async (t) => {
    const { sql: db } = await open(t)
    const ledger = new Ledger(db)
    await db.insertInto('accounts').values(account).execute()
    const isOver = async (claim: Partial<Claim>) =>
      (await ledger.judge({ key: 'one', owner: account.id, epoch: 3, gen: 0, era: 0, ...claim })).isOver
    const bob = { owner: ownerKeyOfName('Bob'), epoch: 0 }
    const ada = { owner: ownerKeyOfName('Ada'), epoch: 0 }
    const answers = () =>
      Promise.all([isOver({}), isOver({ key: 'two' }), isOver({ epoch: 4 }), isOver(bob), isOver(ada)])
    t.same(await answers(), [false, false, false, false, false])
    t.equal(await isOver({ owner: 'removed' }), true, 'an account that is gone')
    t.equal(await isOver({ owner: undefined }), false, 'nobody is signed in')

    t.equal(await ledger.endAccount(account.id, { key: 'two', epoch: 3 }), 4)
    t.same(await answers(), [true, false, false, false, true], 'all but the kept one, and those of the name')
    await ledger.endAccount(account.id, { key: 'two', epoch: 3 })
    t.equal(await isOver({ key: 'two' }), false, 'kept again')
    for (const epoch of [3, -(2 ** 52)]) await ledger.endAccount(account.id, { key: 'one', epoch })
    t.equal(await isOver({}), true, 'one that is over is not kept')
    await ledger.endAccount(account.id, { key: 'two', epoch: 2 ** 52 })
    await db.updateTable('accounts').set({ version: 4 }).execute()
    await ledger.log(session('one'))
    t.equal(await isOver({ epoch: 4 }), true, 'ended by itself')
    await ledger.log({ ...session('two'), gen: 2 })
    t.equal(await isOver({ key: 'two', gen: 1 }), true, 'a lower generation')
    t.equal(await isOver({ key: 'two', gen: 2 }), false)
    await ledger.log({ kind: 'name', owner: bob.owner, keep: 'kept', nonce: newNonce(), until: 1 })
    t.equal(await isOver(bob), true)
    t.equal(await isOver({ ...bob, key: 'kept' }), false)
    await ledger.log({ kind: 'era', epoch: 2, nonce: newNonce(), until: 1 })
    t.equal(await isOver({ epoch: 9, key: 'new' }), true, 'another era')
    t.equal(await isOver({ epoch: 9, key: 'new', era: 2 }), false)
  })

  t.test(
    'rows are swept when they are over, and nobody takes that for a ledger that went back',
    async (t) => {
      const { sql: db } = await open(t)
      let now = 0
      const ledger = new Ledger(db, () => now)
      for (const until of [10, 30, 20, 10]) await ledger.log(session(`until ${until}`, until))
      const [first] = (await ledger.after(nobody, 1)) ?? []
      t.equal(await ledger.sweep(), 0)
      now = 9 + clockErrorMilliseconds
      t.equal(await ledger.sweep(), 0, 'a clock may be ahead by nearly a day')
      now = 25 + clockErrorMilliseconds
      t.equal(await ledger.sweep(), 2, 'not the last one')
      t.match(await ledger.after(first ?? nobody, 9), [{ key: 'until 30' }, { key: 'until 10' }])
      t.equal(await ledger.sweep(), 0)
      const gone = { kind: 'account', owner: 'gone', epoch: 1, until: 1 } as const
      await db
        .insertInto('endings')
        .values({ ...gone, nonce: newNonce() })
        .execute()
      await ledger.log(session('later'))
      await db.deleteFrom('accounts').execute()
      const code = await new FirstAccount({ db, secrets: ['secret'] }).code()
      now = Number.MAX_SAFE_INTEGER
      await ledger.sweep()
      t.equal(await new FirstAccount({ db, secrets: ['secret'] }).code(), code, 'no code comes back')
      await db.deleteFrom('endings').execute()
      await ledger.log(session('another'))
      t.ok(((await ledger.after(nobody, 9))?.[0]?.n ?? 0) > 4, 'no number is given out twice')
    }
  )
})

t.test('in PostgreSQL no row appears below one that could be seen before', async (t) => {
  const url = await emptyDatabase(t)
  const database = await openDatabase({ kind: 'postgres', url }, { onLost() {}, onBack() {} }, patience)
  t.teardown(() => database.close())
  const ledger = new Ledger(database.sql)
  await database.sql.insertInto('accounts').values(account).execute()
  const slow = new pg.Client({ connectionString: url })
  await slow.connect()
  t.teardown(() => slow.end())
  await slow.query('BEGIN')
  await slow.query("UPDATE accounts SET version = 4 WHERE key = 'ada'")
  const logged = ledger.log(session('later'))
  // It waits for the lock of the open transaction.
  await waitingForLock(database.sql)
  t.same(await ledger.after(nobody, 9), [])
  await slow.query('COMMIT')
  await logged
  t.match(await ledger.after(nobody, 9), [{ kind: 'account' }, { kind: 'session', key: 'later' }])
})

async function waitingForLock(db: Awaited<ReturnType<typeof openDatabase>>['sql']): Promise<void> {
  await eventually('somebody who waits', async () => {
    const waiting = await sql`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`.execute(db)
    return waiting.rows.length > 0
  })
}
