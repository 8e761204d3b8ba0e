import { type Kysely, type RawBuilder, SqliteAdapter, sql } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import { LastAdministratorError } from '../errors/errors.ts'

export interface ForceOptions {
  /** Also the last administrator: then only the command makes another one. */
  readonly force?: boolean | undefined
}

type Condition = RawBuilder<boolean>

/** One statement, which has the condition. */
type Change<Row> = (db: Kysely<Tables>, where: Condition) => Promise<Row | undefined>

const isAdministrator = sql<boolean>`accounts.role = 'admin' AND accounts.disabled_at IS NULL`
const isAnother = sql<boolean>`EXISTS (SELECT 1 FROM accounts AS others
  WHERE others.id <> accounts.id AND others.role = 'admin' AND others.disabled_at IS NULL)`

/**
 * Makes a change after which an account is no administrator, unless it is the last one who is not disabled. Of two who
 * are changed at the same time one stays.
 * @param who which account
 * @throws {LastAdministratorError} when it is the last one: then nothing was changed
 */
export async function exceptLast<Row>(
  db: Kysely<Tables>,
  { who, force = false }: ForceOptions & { readonly who: Condition },
  change: Change<Row>
): Promise<Row | undefined> {
  if (force) return change(db, who)
  const changed = await change(db, sql`${who} AND NOT (${isAdministrator})`)
  if (changed) return changed
  const changeAlone = async (db: Kysely<Tables>) => {
    const row = await change(db, sql`${who} AND (NOT (${isAdministrator}) OR ${isAnother})`)
    if (!row && (await isThere(db, who))) throw new LastAdministratorError()
    return row
  }
  // A statement of the embedded database is alone as it is.
  if (db.getExecutor().adapter instanceof SqliteAdapter) return changeAlone(db)
  return db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      // Two statements at the same time would each see the other administrator. What follows sees what was committed before.
      await sql`SELECT pg_advisory_xact_lock(hashtext('latchkey administrators'))`.execute(transaction)
      return changeAlone(transaction)
    })
}

async function isThere(db: Kysely<Tables>, who: Condition): Promise<boolean> {
  const found = await db.selectFrom('accounts').select('key').where(who).executeTakeFirst()
  return found !== undefined
}
