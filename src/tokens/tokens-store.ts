import type { Kysely, Selectable } from '#vendor/kysely'
import { allOrNothing, run, type Statements } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import type { Tables, TokensTable } from '../database/tables.ts'
import { type Circumstances, type Notice, type Notices, noNotices } from '../mail/notices.ts'

/** What is known of a token; the token itself nobody knows. */
export interface TokenDetails {
  /** 22 characters: says nothing about the token. */
  readonly id: string
  /** As its owner has called it. */
  readonly name: string
  /** Hosts of apps that it is good for, with `*.` for all below: see parseHost. */
  readonly hosts: readonly string[]
  /** Whether it is good for the API of this service. */
  readonly forApi: boolean
  readonly createdAt: Date
  readonly expiresAt: Date
  /** To about ten minutes. */
  readonly usedAt: Date | undefined
}

export interface StoredToken extends TokenDetails {
  /** The id of the account. */
  readonly account: string
}

export interface NewToken extends Omit<StoredToken, 'createdAt' | 'usedAt'> {
  readonly hash: string
}

/** Tokens in SQL. Each change tells the owner of the account, in one transaction. Every method throws StorageError. */
export class TokensStore {
  readonly #database: Database
  readonly #db: Kysely<Tables>
  readonly #now: () => number
  readonly #notices: Notices

  constructor(database: Database, now: () => number = Date.now, notices = noNotices) {
    this.#database = database
    this.#db = database.sql
    this.#now = now
    this.#notices = notices
  }

  add(
    { hash, id, account, name, hosts, forApi, expiresAt }: NewToken,
    circumstances?: Circumstances
  ): Promise<void> {
    const row = { hash, id, account_id: account, name, hosts: hosts.join(' '), for_api: Number(forApi) }
    const times = { created_at: this.#now(), expires_at: expiresAt.getTime(), used_at: null }
    const adding = this.#db.insertInto('tokens').values({ ...row, ...times })
    const until = expiresAt.toISOString()
    return this.#transact(function* (store) {
      yield* run(adding)
      yield* store.#tell(account, { template: 'token-made', token: name, until }, circumstances)
    })
  }

  /** One that has expired too. */
  async find(hash: string): Promise<StoredToken | undefined> {
    const row = await this.#db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
    return row && { ...toDetails(row), account: row.account_id }
  }

  /** Of an account, the latest first. There are at most a few dozen. */
  async list(account: string): Promise<readonly TokenDetails[]> {
    const rows = await this.#db
      .selectFrom('tokens')
      .selectAll()
      .where('account_id', '=', account)
      .orderBy('created_at', 'desc')
      .execute()
    return rows.map(toDetails)
  }

  async count(account: string): Promise<number> {
    const counted = this.#db.selectFrom('tokens').select(({ fn }) => fn.countAll().as('tokens'))
    const row = await counted.where('account_id', '=', account).executeTakeFirst()
    return Number(row?.tokens ?? 0)
  }

  /** @returns the token, if the account has it */
  end(account: string, id: string, circumstances?: Circumstances): Promise<TokenDetails | undefined> {
    const ending = this.#db.deleteFrom('tokens').where('account_id', '=', account).where('id', '=', id)
    return this.#transact(function* (store) {
      const [row] = yield* run(ending.returningAll())
      if (!row) return undefined
      yield* store.#tell(account, { template: 'token-ended', token: row.name }, circumstances)
      return toDetails(row)
    })
  }

  /** @returns how many there were */
  endAll(account: string, circumstances?: Circumstances): Promise<number> {
    const ending = this.#db.deleteFrom('tokens').where('account_id', '=', account)
    return this.#transact(function* (store) {
      const { length } = yield* run(ending.returning('id'))
      if (length > 0) yield* store.#tell(account, { template: 'token-ended' }, circumstances)
      return length
    })
  }

  /** Notes a use, unless another process has noted one since. */
  async touch(hash: string, before: number): Promise<void> {
    await this.#database.noSyncSql
      .updateTable('tokens')
      .set({ used_at: this.#now() })
      .where('hash', '=', hash)
      .where(({ or, eb }) => or([eb('used_at', 'is', null), eb('used_at', '<=', before)]))
      .execute()
  }

  *#tell(id: string, notice: Notice, circumstances: Circumstances | undefined): Statements<void> {
    if (!this.#notices.tells(notice.template)) return
    const [account] = yield* run(this.#db.selectFrom('accounts').select(['id', 'name']).where('id', '=', id))
    if (account) yield* this.#notices.tell(account, notice, circumstances)
  }

  #transact<T>(statements: (store: this) => Statements<T>): Promise<T> {
    return allOrNothing(this.#database, () => statements(this))
  }
}

function toDetails(row: Selectable<TokensTable>): TokenDetails {
  const { id, name, hosts, for_api, created_at, expires_at, used_at } = row
  return {
    id,
    name,
    hosts: hosts === '' ? [] : hosts.split(' '),
    forApi: for_api === 1,
    createdAt: new Date(Number(created_at)),
    expiresAt: new Date(Number(expires_at)),
    usedAt: used_at === null ? undefined : new Date(Number(used_at))
  }
}
