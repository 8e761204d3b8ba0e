import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import { writtenCost } from './hash-cost.ts'

/** More costs than anybody has imported. */
const maxCosts = 32

/**
 * Looks once through all accounts for each cost that there is.
 * @returns one hash of each, in any order
 * @throws StorageError when the database cannot answer
 */
export async function hashOfEachCost(db: Kysely<Tables>): Promise<readonly string[]> {
  const found: string[] = []
  let rest = db
    .selectFrom('accounts')
    .select('password_hash')
    .where('password_hash', 'like', '$argon2%')
    .limit(1)
  while (found.length < maxCosts) {
    const hash = (await rest.executeTakeFirst())?.password_hash
    if (hash === undefined) break
    found.push(hash)
    // The end of its cost is the end of the parameters, or more of them.
    const written = writtenCost(hash) ?? hash
    for (const others of [`${written}$%`, `${written},%`, hash])
      rest = rest.where('password_hash', 'not like', others)
  }
  return found
}
