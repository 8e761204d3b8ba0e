import { type Kysely, SqliteAdapter, sql } from '#vendor/kysely'

/**
 * What administrators look accounts and events up by. `signed_in_at` is the time of the latest `sign-in` in the audit
 * trail; a trigger sets it in the statement that writes the event, so that a sign-in has no statement more.
 */
export async function createAdministration(db: Kysely<unknown>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  await db.schema
    .alterTable('accounts')
    .addColumn('signed_in_at', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema.alterTable('audit').addColumn('reason', 'text').execute()
  const latest = `(SELECT max(at) FROM audit WHERE ${isSignIn('audit')} AND account = accounts.id)`
  for (const statement of [
    `UPDATE accounts SET signed_in_at = coalesce(${latest}, 0)`,
    ...(isSqlite ? sqliteStatements : postgresStatements),
    'CREATE INDEX audit_event_at ON audit (event, at)',
    'CREATE INDEX audit_address_at ON audit (address, at) WHERE address IS NOT NULL',
    'CREATE INDEX audit_actor_at ON audit (actor_account, at) WHERE actor_account IS NOT NULL'
  ])
    await sql.raw(statement).execute(db)
}

function isSignIn(row: 'audit' | 'NEW') {
  return `${row}.event = 'sign-in'`
}

/** An event that is older, as of a clock that was set back, changes nothing. */
const noteSignIn =
  'UPDATE accounts SET signed_in_at = NEW.at WHERE id = NEW.account AND signed_in_at < NEW.at'

const sqliteStatements = [
  'CREATE INDEX accounts_by_created ON accounts (created_at, key, email_key)',
  'CREATE INDEX accounts_by_signed_in ON accounts (signed_in_at, key, email_key)',
  `CREATE TRIGGER audit_signed_in AFTER INSERT ON audit WHEN ${isSignIn('NEW')} BEGIN ${noteSignIn}; END`
]

/** By the bytes of UTF-8, as SQLite does: by other collations no range has all names that begin alike. */
const postgresStatements = [
  'CREATE INDEX accounts_by_key ON accounts (key COLLATE "C")',
  'CREATE INDEX accounts_by_email_key ON accounts (email_key COLLATE "C") WHERE email_key IS NOT NULL',
  'CREATE INDEX accounts_by_created ON accounts (created_at, key COLLATE "C") INCLUDE (email_key)',
  'CREATE INDEX accounts_by_signed_in ON accounts (signed_in_at, key COLLATE "C") INCLUDE (email_key)',
  `CREATE FUNCTION latchkey_signed_in() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN ${noteSignIn}; RETURN NULL; END $$`,
  `CREATE TRIGGER audit_signed_in AFTER INSERT ON audit
    FOR EACH ROW WHEN (${isSignIn('NEW')}) EXECUTE FUNCTION latchkey_signed_in()`
]
