import { type Kysely, SqliteAdapter, sql } from '#vendor/kysely'
import { sqliteNow } from './ledger-clock.ts'

/** Nobody has to be told later: what a process knows of an account it forgets when it was not told for a second. */
const toldMilliseconds = 24 * 60 * 60 * 1000

/**
 * Groups, and which accounts are in them. Triggers write down in the ledger whose groups changed, in the statement that
 * changed them: so every process learns of it as it learns of endings. Nothing ends by such a row.
 */
export async function createGroups(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('user_groups')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('group_members')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('group_key', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('group_members_key', ['account', 'group_key'])
    .execute()
  const members = db.schema.createIndex('group_members_group').on('group_members')
  await members.columns(['group_key', 'account']).execute()
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  for (const statement of isSqlite ? sqliteTriggers : postgresTriggers) await sql.raw(statement).execute(db)
}

/**
 * The row that tells that something of an account changed, without its condition.
 * @param owner an account; `''`: any account may have changed
 */
export function factChange(kind: 'sqlite' | 'postgres', owner: string): string {
  const nonce = kind === 'sqlite' ? 'lower(hex(randomblob(16)))' : 'gen_random_uuid()::text'
  const now = kind === 'sqlite' ? sqliteNow : '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'
  const values = `${nonce}, 'facts', ${owner}, ${now} + ${toldMilliseconds}`
  return `INSERT INTO endings (nonce, kind, owner, until) SELECT ${values}`
}

const leave = 'DELETE FROM group_members WHERE account = OLD.id;'
/** The group is gone by then: one row for all of its members, however many. */
const disband = 'DELETE FROM group_members WHERE group_key = OLD.key;'
/** An import of a hundred thousand accounts needs no rows: nobody knows anything of an account that is new. */
const isKnown = 'EXISTS (SELECT 1 FROM accounts WHERE id = NEW.account)'
/** That an account was removed is told anyway. */
const isThere = `EXISTS (SELECT 1 FROM user_groups WHERE key = OLD.group_key)
  AND EXISTS (SELECT 1 FROM accounts WHERE id = OLD.account)`

const sqliteChanged = (owner: string) => factChange('sqlite', owner)

const sqliteTriggers = [
  `CREATE TRIGGER group_members_added AFTER INSERT ON group_members BEGIN
    ${sqliteChanged('NEW.account')} WHERE ${isKnown}; END`,
  `CREATE TRIGGER group_members_removed AFTER DELETE ON group_members BEGIN
    ${sqliteChanged('OLD.account')} WHERE ${isThere}; END`,
  `CREATE TRIGGER user_groups_removed AFTER DELETE ON user_groups BEGIN ${disband} ${sqliteChanged("''")}; END`,
  `CREATE TRIGGER accounts_left_groups AFTER DELETE ON accounts BEGIN ${leave} END`
]

const postgresChanged = (owner: string) => factChange('postgres', owner)

const postgresTrigger = (name: string, event: string, body: string) => [
  `CREATE FUNCTION latchkey_${name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT
    AS $$ BEGIN ${body} RETURN NULL; END $$`,
  `CREATE TRIGGER ${name} ${event} FOR EACH ROW EXECUTE FUNCTION latchkey_${name}()`
]

const postgresTriggers = [
  ...postgresTrigger(
    'group_members_added',
    'AFTER INSERT ON group_members',
    `${postgresChanged('NEW.account')} WHERE ${isKnown};`
  ),
  ...postgresTrigger(
    'group_members_removed',
    'AFTER DELETE ON group_members',
    `${postgresChanged('OLD.account')} WHERE ${isThere};`
  ),
  ...postgresTrigger(
    'user_groups_removed',
    'AFTER DELETE ON user_groups',
    `${disband} ${postgresChanged("''")};`
  ),
  ...postgresTrigger('accounts_left_groups', 'AFTER DELETE ON accounts', leave)
]
