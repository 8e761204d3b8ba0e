import { type Kysely, SqliteAdapter, sql } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'

export interface Group {
  /** As written when the group was made. */
  readonly name: string
  readonly createdAt: Date
}

/** A name as written, and the one for comparison: see nameKey. */
export interface NewGroup {
  readonly name: string
  readonly key: string
}

/** Accounts of a group after the one with this key, ordered by key. */
export interface MembersPage {
  readonly after?: string | undefined
  readonly limit: number
}

/** Rows in one statement. */
const batchSize = 500

/**
 * Groups in SQL. Each method is one statement, and triggers tell all processes whose groups have changed. Every method
 * throws StorageError.
 */
export class GroupsStore {
  readonly #db: Kysely<Tables>
  readonly #now: () => number

  constructor(db: Kysely<Tables>, now: () => number = Date.now) {
    this.#db = db
    this.#now = now
  }

  /** @returns false when the name is taken */
  async add({ name, key }: NewGroup): Promise<boolean> {
    const row = { key, name, created_at: this.#now() }
    const { numInsertedOrUpdatedRows = 0n } = await this.#db
      .insertInto('user_groups')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    return numInsertedOrUpdatedRows > 0n
  }

  async find(key: string): Promise<Group | undefined> {
    const row = await this.#db.selectFrom('user_groups').selectAll().where('key', '=', key).executeTakeFirst()
    return row && { name: row.name, createdAt: new Date(Number(row.created_at)) }
  }

  /** All groups with the number of their members, ordered by name. */
  async list(): Promise<readonly (Group & { readonly members: number })[]> {
    const rows = await this.#db
      .selectFrom('user_groups as g')
      .select(['name', 'created_at'])
      .select(({ selectFrom }) =>
        selectFrom('group_members as m')
          .whereRef('m.group_key', '=', 'g.key')
          .select(({ fn }) => fn.countAll().as('counted'))
          .as('members')
      )
      .orderBy('key')
      .execute()
    return rows.map(({ name, created_at, members }) => ({
      name,
      createdAt: new Date(Number(created_at)),
      members: Number(members)
    }))
  }

  /** The names of the accounts in a group. */
  async members(key: string, { after, limit }: MembersPage): Promise<readonly string[]> {
    const all = this.#db
      .selectFrom('group_members as m')
      .innerJoin('accounts as a', 'a.id', 'm.account')
      .where('m.group_key', '=', key)
    const rest = after === undefined ? all : all.where('a.key', '>', after)
    const rows = await rest.select('a.name').orderBy('a.key').limit(limit).execute()
    return rows.map(({ name }) => name)
  }

  /** Nobody is in it from then on. @returns undefined when there is none */
  async remove(key: string): Promise<Group | undefined> {
    const row = await this.#db
      .deleteFrom('user_groups')
      .where('key', '=', key)
      .returningAll()
      .executeTakeFirst()
    return row && { name: row.name, createdAt: new Date(Number(row.created_at)) }
  }

  /** @returns false when the account is in it already, or one of the two is gone */
  async join(account: string, key: string): Promise<boolean> {
    // Neither may go while it is done: what is left of a group must not come back with the next one of that name.
    const isSqlite = this.#db.getExecutor().adapter instanceof SqliteAdapter
    const { rows } = await sql`INSERT INTO group_members (account, group_key)
      SELECT a.id, g.key FROM accounts AS a, user_groups AS g WHERE a.id = ${account} AND g.key = ${key}
      ${isSqlite ? sql`` : sql`FOR KEY SHARE`} ON CONFLICT DO NOTHING RETURNING account`.execute(this.#db)
    return rows.length > 0
  }

  /** @returns false when the account was not in it */
  async leave(account: string, key: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('group_members')
      .where('account', '=', account)
      .where('group_key', '=', key)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }

  /** The names of the groups of accounts, by the ids of these, ordered by key. */
  async of(accounts: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = new Map<string, string[]>()
    for (let start = 0; start < accounts.length; start += batchSize) {
      const rows = await this.#db
        .selectFrom('group_members as m')
        .innerJoin('user_groups as g', 'g.key', 'm.group_key')
        .select(['m.account', 'g.name'])
        .where('m.account', 'in', accounts.slice(start, start + batchSize))
        .orderBy('g.key')
        .execute()
      for (const { account, name } of rows) found.set(account, [...(found.get(account) ?? []), name])
    }
    return found
  }
}
