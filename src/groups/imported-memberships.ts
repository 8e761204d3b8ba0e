import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import { nameKey } from '../identity/names.ts'

export interface ImportedAccount {
  readonly id: string
  /** Names of groups, checked. */
  readonly groups: readonly string[]
}

/** Rows in one statement. */
const batchSize = 500

/**
 * Puts accounts that are about to be imported into their groups, and makes the groups that are missing. Before the accounts
 * are there: then nobody is told, because nobody knows anything of them. In a transaction.
 */
export async function joinBeforeImport(
  db: Kysely<Tables>,
  accounts: readonly ImportedAccount[]
): Promise<void> {
  const names = new Map(accounts.flatMap(({ groups }) => groups.map((name) => [nameKey(name), name])))
  const made = [...names].map(([key, name]) => ({ key, name, created_at: Date.now() }))
  const rows = accounts.flatMap(({ id, groups }) =>
    [...new Set(groups.map(nameKey))].map((group_key) => ({ account: id, group_key }))
  )
  for (const some of batches(made)) {
    const groups = db.insertInto('user_groups').values(some)
    await groups.onConflict((conflict) => conflict.doNothing()).execute()
  }
  for (const some of batches(rows)) {
    const members = db.insertInto('group_members').values(some)
    await members.onConflict((conflict) => conflict.doNothing()).execute()
  }
}

/** Of accounts that were not imported after all. */
export async function leaveAfterImport(db: Kysely<Tables>, ids: readonly string[]): Promise<void> {
  for (const some of batches(ids)) await db.deleteFrom('group_members').where('account', 'in', some).execute()
}

function batches<T>(all: readonly T[]): (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, place) =>
    all.slice(place * batchSize, (place + 1) * batchSize)
  )
}
