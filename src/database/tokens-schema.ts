import { type Kysely, SqliteAdapter, sql } from '#vendor/kysely'
import { factChange } from './groups-schema.ts'

/**
 * Tokens of accounts for programs. Triggers end those of an account that is disabled, and write into the ledger whose
 * tokens ended, in the statement that ended them: then no process believes what it knows of them.
 */
export async function createTokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tokens')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('account_id', 'text', (column) =>
      column.notNull().references('accounts.id').onDelete('cascade')
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('hosts', 'text', (column) => column.notNull())
    .addColumn('for_api', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .execute()
  await db.schema.createIndex('tokens_account').on('tokens').columns(['account_id', 'created_at']).execute()
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  for (const statement of isSqlite ? sqliteTriggers : postgresTriggers) await sql.raw(statement).execute(db)
}

/** That an account was removed is told anyway. */
const isThere = 'EXISTS (SELECT 1 FROM accounts WHERE id = OLD.account_id)'
const endAll = 'DELETE FROM tokens WHERE account_id = NEW.id;'
const isDisabled = 'NEW.disabled_at IS NOT NULL AND OLD.disabled_at IS NULL'

const sqliteTriggers = [
  `CREATE TRIGGER tokens_ended AFTER DELETE ON tokens BEGIN
    ${factChange('sqlite', 'OLD.account_id')} WHERE ${isThere}; END`,
  `CREATE TRIGGER accounts_tokens_ended AFTER UPDATE OF disabled_at ON accounts WHEN ${isDisabled} BEGIN
    ${endAll} END`
]

const postgresFunction = (name: string, body: string) =>
  `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN ${body} END $$`

const postgresTriggers = [
  postgresFunction(
    'latchkey_tokens_ended',
    `${factChange('postgres', 'OLD.account_id')} WHERE ${isThere}; RETURN NULL;`
  ),
  `CREATE TRIGGER tokens_ended AFTER DELETE ON tokens FOR EACH ROW EXECUTE FUNCTION latchkey_tokens_ended()`,
  postgresFunction('latchkey_account_tokens_ended', `${endAll} RETURN NULL;`),
  `CREATE TRIGGER accounts_tokens_ended AFTER UPDATE OF disabled_at ON accounts
    FOR EACH ROW WHEN (${isDisabled}) EXECUTE FUNCTION latchkey_account_tokens_ended()`
]
