import t from 'tap'
import { type Kysely, sql } from '#vendor/kysely'
import { AccountSearch, type SearchOptions, sorts } from '../../src/accounts/account-search.ts'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { AuditStore } from '../../src/audit/audit-store.ts'
import type { Database } from '../../src/database/database.ts'
import { openPostgres } from '../../src/database/postgres.ts'
import type { Tables } from '../../src/database/tables.ts'
import { nameKey } from '../../src/identity/names.ts'
import { plansOf } from '../database/plans-of.ts'
import { overEachDatabase } from '../servers/databases.ts'
import { patience } from '../servers/patience.ts'
import { emptyDatabase } from '../servers/shared-postgres.ts'

const directions = ['ascending', 'descending'] as const

interface Person {
  readonly name: string
  readonly created: number
  readonly signedIn: number
  readonly email?: string
}

/** Straight into the table: thousands of them in a moment. */
async function add(db: Kysely<Tables>, people: readonly Person[]): Promise<void> {
  const rows = people.map(({ name, created, signedIn, email = null }) => {
    const key = nameKey(name)
    const same = { key, id: `id of ${key}`, skeleton: key, key_skeleton: key }
    const rest = {
      password_hash: '$',
      version: 1,
      created_at: created,
      signed_in_at: signedIn,
      email,
      email_key: email
    }
    return { name, ...same, ...rest }
  })
  for (let start = 0; start < rows.length; start += 500)
    await db
      .insertInto('accounts')
      .values(rows.slice(start, start + 500))
      .execute()
}

async function everyPage(search: AccountSearch, options: SearchOptions) {
  const names: string[] = []
  let after: string | undefined
  do {
    const page = await search.search({ ...options, after })
    names.push(...page.accounts.map(({ name }) => name))
    after = page.next
  } while (after !== undefined)
  return names
}

/** The names on each page, from the last page back to the first. */
async function everyPageBack(search: AccountSearch, options: SearchOptions) {
  const pages: (readonly string[])[] = []
  let page = await search.search(options)
  while (page.next !== undefined) page = await search.search({ ...options, after: page.next })
  for (;;) {
    pages.unshift(page.accounts.map(({ name }) => name))
    if (page.previous === undefined) return pages
    page = await search.search({ ...options, before: page.previous })
  }
}

/** Of each search, without that which reads what was found. */
function plansOfSearch(database: Database, options: SearchOptions): Promise<string> {
  const isSearch = (query: string) => !query.includes('"key" in')
  return plansOf(database, (db) => new AccountSearch(db).search(options), isSearch)
}

overEachDatabase(t, async (t, openDatabase) => {
  const database = await openDatabase(t)
  const db = database.sql
  const search = new AccountSearch(db)
  const people = ['Zoe', 'alice', 'Alan', 'bob', 'Élodie', 'a_b', 'a%c', 'ab', 'مريم', '😀x', 'ﬀ'].map(
    (name, n) => ({ name, created: 1000 + (n % 3), signedIn: n < 4 ? 0 : 5000 - n })
  )
  await add(db, people)

  t.test('every order lists everybody once, whatever the pages, in both directions', async (t) => {
    const byBytes = (one: Person, other: Person) =>
      Buffer.compare(Buffer.from(nameKey(one.name)), Buffer.from(nameKey(other.name)))
    const value = {
      name: () => 0,
      created: (p: Person) => p.created,
      'last-sign-in': (p: Person) => p.signedIn
    }
    for (const sort of sorts)
      for (const direction of directions)
        for (const limit of [1, 3, 25]) {
          const of = value[sort]
          const wanted = people.toSorted((one, other) => of(one) - of(other) || byBytes(one, other))
          if (direction === 'descending') wanted.reverse()
          const names = wanted.map(({ name }) => name)
          const order = { sort, direction, limit }
          t.same(await everyPage(search, order), names, `${sort} ${direction} ${limit}`)
          const back = await everyPageBack(search, order)
          t.same(back.flat(), names, `${sort} ${direction} ${limit}, page by page back`)
          t.ok(back.slice(0, -1).every((page) => page.length === limit))
        }
  })

  t.test('a search finds who begins so, in any spelling, and no pattern counts', async (t) => {
    const found = (startsWith: string) => everyPage(search, { startsWith, limit: 2 })
    t.same(await found('AL'), ['Alan', 'alice'])
    t.same(await found('Ａ'), ['a%c', 'a_b', 'ab', 'Alan', 'alice'])
    t.same(await found('a%'), ['a%c'])
    t.same(await found('a_'), ['a_b'])
    t.same(await found('ÉL'), ['Élodie'])
    t.same(await found('😀'), ['😀x'])
    t.same(await found('م'), ['مريم'])
    t.same(await found('alicea'), [])
    t.same(await found('\u200b'), [], 'nothing that can be seen is nobody’s')
    t.same(await found('x'.repeat(1000)), [])
    t.same(await found('a\0'), [])
    t.equal((await found('  ')).length, people.length)
    const sorted = { startsWith: 'a', sort: 'created', direction: 'ascending' } as const
    t.same(await everyPage(search, { ...sorted, limit: 2 }), ['a%c', 'ab', 'alice', 'a_b', 'Alan'])
  })

  t.test('a cursor leads through its own list alone', async (t) => {
    const { next } = await search.search({ startsWith: 'a', limit: 1 })
    t.type(next, 'string')
    const others: SearchOptions[] = [
      { startsWith: 'al' },
      { startsWith: 'a', sort: 'created' },
      { startsWith: 'a', direction: 'descending' }
    ]
    for (const other of others)
      await t.rejects(search.search({ ...other, after: next }), { code: 'LATCHKEY_BAD_INPUT' })
    for (const after of ['', 'x', 'bnVsbA', `${next}x`.slice(3), 'W10'])
      await t.rejects(search.search({ startsWith: 'a', after }), { code: 'LATCHKEY_BAD_INPUT' })
  })

  t.test('accounts that come and go move nobody from page to page', async (t) => {
    const first = await search.search({ limit: 3 })
    const store = new AccountsStore(database)
    const last = nameKey(first.accounts.at(-1)?.name ?? '')
    await store.remove(last)
    await add(db, [{ name: 'a0', created: 1, signedIn: 0 }])
    const second = await search.search({ limit: 3, after: first.next })
    t.same(
      second.accounts.map(({ name }) => name),
      ['Alan', 'alice', 'bob']
    )
    await add(db, [{ name: 'a1', created: 1, signedIn: 0 }])
    const back = await search.search({ limit: 3, before: second.previous })
    t.match([back.accounts.length, back.next], [3, String])
    const top = await search.search({ limit: 3, before: back.previous })
    t.match(
      [top.accounts.map(({ name }) => name), top.previous],
      [['a%c', 'a0', 'a1'], undefined],
      'a whole page'
    )
    for (const name of ['a1']) await store.remove(name)
  })

  t.test('the last sign-in is that of the audit trail', async (t) => {
    const audit = new AuditStore(db)
    const store = new AccountsStore(database)
    const event = (name: 'sign-in' | 'proof', at: number) =>
      audit.insert({ at: new Date(at), event: name, name: 'bob', account: 'id of bob' })
    await event('sign-in', 9000)
    await event('proof', 9500)
    await event('sign-in', 8000)
    t.same((await store.find('bob'))?.signedInAt, new Date(9000))
    t.equal((await store.find('alice'))?.signedInAt, undefined)
    const { accounts } = await search.search({ sort: 'last-sign-in', limit: 1 })
    t.match(accounts, [{ name: 'bob' }])
  })

  t.test('a search finds names and addresses, each account once, at the first of both', async (t) => {
    const mailed: Person[] = [
      { name: 'xa', created: 7, signedIn: 3, email: 'xb@example.org' },
      { name: 'xb@example.org', created: 6, signedIn: 4 },
      { name: 'xc', created: 5, signedIn: 5, email: 'wide@example.org' },
      { name: 'ya', created: 4, signedIn: 6, email: 'xaa@example.org' },
      { name: 'yb', created: 3, signedIn: 7, email: 'xd@example.org' },
      { name: 'xe@example.org', created: 2, signedIn: 8, email: 'xe@example.org' },
      { name: 'xf', created: 1, signedIn: 9, email: 'xä@example.org' }
    ]
    await add(db, mailed)
    const inOrder = ['xa', 'ya', 'xb@example.org', 'xc', 'yb', 'xe@example.org', 'xf']
    for (const limit of [1, 2, 3, 25]) {
      const found = (of: SearchOptions) => everyPage(search, { startsWith: 'X', limit, ...of })
      t.same(await found({}), inOrder, `by ${limit}`)
      t.same(await found({ direction: 'descending' }), inOrder.toReversed(), `backwards by ${limit}`)
      t.same(
        await found({ sort: 'created' }),
        mailed.map(({ name }) => name),
        `by time and ${limit}`
      )
      t.same(await found({ sort: 'last-sign-in' }), mailed.map(({ name }) => name).reverse())
      t.same(await found({ startsWith: 'XÄ@Example' }), ['xf'])
      t.same(await found({ startsWith: 'xe@' }), ['xe@example.org'])
      t.same(await found({ startsWith: 'wide' }), ['xc'])
    }
  })

  t.test('many that begin alike are found by time too, each once', async (t) => {
    const many = Array.from({ length: 12_000 }, (_, n) => ({
      name: n % 2 ? `m${n}` : `n${n}`,
      email: `${n % 2 ? 'm' : 'q'}${n}@example.org`,
      created: 2000 + n,
      signedIn: 0
    }))
    await add(db, many)
    const named = (letter: string) =>
      many.filter(({ name }) => name.startsWith(letter)).map(({ name }) => name)
    const options = { sort: 'created', direction: 'ascending', limit: 500 } as const
    t.same(await everyPage(search, { ...options, startsWith: 'm' }), named('m'), 'looked for')
    t.same(await everyPage(search, { ...options, startsWith: 'm1' }), named('m1'), 'sorted')
    for (const startsWith of ['m', 'm1'])
      t.same((await everyPageBack(search, { ...options, startsWith })).flat(), named(startsWith), 'and back')
    t.same(await everyPage(search, { ...options, startsWith: 'q' }), named('n'), 'looked for by addresses')
    const byName = await everyPage(search, { startsWith: 'm', limit: 500 })
    t.same(byName, named('m').sort(), 'everybody is found by both')
    const late = await search.search({ sort: 'created', direction: 'descending', startsWith: 'n', limit: 5 })
    t.same(
      late.accounts.map(({ name }) => name),
      named('n').reverse().slice(0, 5)
    )
  })

  t.test('every query is a range of an index, which is read in its order', async (t) => {
    const cursors = new Map<string, string | undefined>()
    for (const startsWith of ['', 'm', 'm1'])
      for (const sort of sorts)
        for (const direction of directions)
          for (const way of ['first', 'after', 'before'] as const) {
            const of = { startsWith, sort, direction, limit: 25 }
            const name = `${startsWith} ${sort} ${direction}`
            if (way === 'first') cursors.set(name, (await search.search(of)).next)
            const place = way === 'first' ? {} : { [way]: cursors.get(name) }
            const plans = await plansOfSearch(database, { ...of, ...place })
            t.match(plans, /USING (COVERING )?INDEX|Index/, name)
            t.notMatch(plans, /TEMP B-TREE|Seq Scan|Sort|SCAN accounts"/, name)
          }
  })
})

t.test('whatever the collation of PostgreSQL, names are found by a range of an index', async (t) => {
  const url = new URL(await emptyDatabase(t))
  const unheard = { onLost: () => {}, onBack: () => {} }
  const server = await openPostgres(url.href, unheard, patience)
  const collated = `TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'de'`
  await sql.raw(`CREATE DATABASE collated ${collated}`).execute(server.sql)
  url.pathname = '/collated'
  const database = await openPostgres(url.href, unheard, patience)
  t.teardown(async () => {
    await database.close()
    await sql.raw('DROP DATABASE collated').execute(server.sql)
    await server.close()
  })
  const names = ['a-b', 'ab', 'a b', 'ac', 'b', 'ä', 'z', 'é']
  await add(
    database.sql,
    names.map((name) => ({ name, created: 1, signedIn: 0 }))
  )
  const search = new AccountSearch(database.sql)
  const byBytes = names.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
  for (const sort of sorts)
    t.same(await everyPage(search, { sort, direction: 'ascending', limit: 3 }), byBytes, sort)
  t.same(await everyPage(search, { startsWith: 'a', limit: 2 }), ['a b', 'a-b', 'ab', 'ac'])
  for (const sort of sorts) {
    const plans = await plansOfSearch(database, { startsWith: 'a', sort })
    t.match(plans, 'Index Cond', sort)
    t.notMatch(plans, /Seq Scan|Sort/, sort)
  }
})
