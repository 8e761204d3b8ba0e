import { type Kysely, type Selectable, sql } from '#vendor/kysely'
import { nowOf } from '../database/ledger-clock.ts'
import type { FormerNamesTable, Tables } from '../database/tables.ts'
import { StorageError } from '../errors/errors.ts'
import type { FormerName } from './account.ts'
import { skeletonsOf } from './account-rows.ts'

/** A new name of an account. */
export interface NewName {
  readonly name: string
  /** See nameKey. */
  readonly key: string
  /** If the owner chose it: the version at which the password was verified. Then it must not look like another's. */
  readonly chosenAt?: number | undefined
}

/** Names that accounts had before, in SQL. Every method throws StorageError. */
export class FormerNames {
  readonly #db: Kysely<Tables>

  constructor(db: Kysely<Tables>) {
    this.#db = db
  }

  /** Of many accounts: the names that they hold, by their ids. */
  async heldBy(ids: readonly string[]): Promise<ReadonlyMap<string, readonly FormerName[]>> {
    if (ids.length === 0) return new Map()
    const rows = await this.#db
      .selectFrom('former_names')
      .select(['account', 'name', 'at', 'held_until'])
      .where('account', 'in', ids)
      .where('held_until', '>', nowOf(this.#db))
      .orderBy('at')
      .execute()
    const held = Map.groupBy(rows, ({ account }) => account)
    return new Map([...held].map(([id, names]) => [id, names.map(toFormerName)]))
  }

  /** How many names an account holds, if it takes the one with this key. */
  async countHeld(id: string, key: string): Promise<number> {
    const held = this.#db.selectFrom('former_names').select(({ fn }) => fn.countAll().as('held'))
    const row = await held
      .where('account', '=', id)
      .where('key', '<>', key)
      .where('held_until', '>', nowOf(this.#db))
      .executeTakeFirst()
    return Number(row?.held ?? 0)
  }

  /** Who holds a name that nobody has. */
  async holderOf(key: string): Promise<{ readonly name: string; readonly until: Date } | undefined> {
    const row = await this.#db
      .selectFrom('former_names')
      .innerJoin('accounts', 'accounts.id', 'former_names.account')
      .select(['accounts.name as name', 'held_until'])
      .where('former_names.key', '=', key)
      .where('held_until', '>', nowOf(this.#db))
      .executeTakeFirst()
    return row && { name: row.name, until: new Date(Number(row.held_until)) }
  }
}

function toFormerName(row: Pick<Selectable<FormerNamesTable>, 'name' | 'at' | 'held_until'>): FormerName {
  return { name: row.name, at: new Date(Number(row.at)), heldUntil: new Date(Number(row.held_until)) }
}

/** @returns a statement that renames nobody when the name is taken or held by another account, or the account has changed */
export function renamingOf(db: Kysely<Tables>, id: string, { name, key, chosenAt }: NewName) {
  const skeletons = skeletonsOf({ name, key })
  const both = Object.values(skeletons)
  const isChosen = chosenAt !== undefined
  const renaming = db
    .updateTable('accounts')
    .set({ name, key, ...skeletons })
    // Of two accounts whose names visitors chose neither looks like the other.
    .set({ registered: sql<number>`CASE WHEN key = ${key} THEN registered ELSE ${Number(isChosen)} END` })
    .where('id', '=', id)
    .where(({ not, exists, selectFrom }) => {
      const others = selectFrom('accounts as other').select('other.id').where('other.id', '<>', id)
      const isTaken = others.where('other.key', '=', key)
      const isAlike = others.where(({ or, eb }) =>
        or([eb('other.skeleton', 'in', both), eb('other.key_skeleton', 'in', both)])
      )
      const isOwn = sql<boolean>`accounts.key = ${key}`
      return isChosen ? sql<boolean>`(${isOwn} OR ${not(exists(isAlike))})` : not(exists(isTaken))
    })
    .returningAll()
  return isChosen ? renaming.where('version', '=', chosenAt).where('disabled_at', 'is', null) : renaming
}

/** Whether another transaction stored the same at the same time. */
export function isConflict(error: unknown): boolean {
  return error instanceof StorageError && Reflect.get(Object(error.cause), 'code') === '23505'
}
