import { type Kysely, SqliteAdapter, sql } from '#vendor/kysely'
import { newId } from '../primitives/new-id.ts'
import { nowOf, sqliteNow } from './ledger-clock.ts'

/** No cookie lasts longer in a browser, so no session of an account does (RFC 6265bis §5.5). */
export const longestLifeMilliseconds = 400 * 24 * 60 * 60 * 1000

/**
 * The ledger of endings. Triggers write the row of an account that changed in the statement that changed it,
 * whoever sent that and whatever became of the answer.
 */
export async function createEndings(db: Kysely<unknown>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  await db.schema
    .createTable('ledger')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('swept', 'bigint', (column) => column.notNull())
    .addColumn('era', 'integer', (column) => column.notNull())
    .addColumn('ended', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  const id = newId()
  await sql`INSERT INTO ledger (id, swept, era) VALUES (${id}, 0, 0)`.execute(db)
  await db.schema
    .createTable('endings')
    .addColumn('n', isSqlite ? 'integer' : 'bigserial', (column) =>
      // Without AUTOINCREMENT SQLite would use the number of a deleted row again.
      isSqlite ? column.primaryKey().autoIncrement() : column.primaryKey()
    )
    .addColumn('nonce', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('key', 'text')
    .addColumn('owner', 'text')
    .addColumn('name', 'text')
    .addColumn('gen', 'integer')
    .addColumn('epoch', 'integer')
    .addColumn('keep', 'text')
    .addColumn('until', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull().defaultTo(sql`(${nowOf(db)})`))
    .execute()
  for (const column of ['key', 'owner', 'name', 'until']) {
    const columns = column === 'owner' ? ['kind', 'owner', 'n'] : [column, 'n']
    await db.schema.createIndex(`endings_${column}`).on('endings').columns(columns).execute()
  }
  for (const statement of isSqlite ? sqliteTriggers : postgresTriggers) await sql.raw(statement).execute(db)
}

/** The name's own sessions end with those of the account: see EndingsTable. */
const columns = 'nonce, kind, owner, name, epoch, keep, until'

const sqliteValues = (row: 'NEW' | 'OLD', epoch: string, keep: string) =>
  `VALUES (lower(hex(randomblob(16))), 'account', ${row}.id, ${row}.name, ${epoch}, ${keep},
    ${sqliteNow} + ${longestLifeMilliseconds})`

/** Somebody's session ends, or is another's or nobody's from then on. Sweeping deletes what is over, and does not count. */
function ofSession(event: string): string {
  const isOther = event === 'AFTER DELETE' ? '' : 'AND NEW.owner IS NOT OLD.owner'
  return `${event} ON sessions WHEN OLD.owner IS NOT NULL ${isOther} AND OLD.expires_at > unixepoch('subsec') * 1000`
}

const sqliteTriggers = [
  `CREATE TRIGGER accounts_changed AFTER UPDATE OF version ON accounts WHEN NEW.version <> OLD.version BEGIN
    INSERT INTO endings (${columns}) ${sqliteValues('NEW', 'NEW.version', 'NEW.kept_session')};
  END`,
  `CREATE TRIGGER accounts_removed AFTER DELETE ON accounts BEGIN
    INSERT INTO endings (${columns}) ${sqliteValues('OLD', 'OLD.version + 1', 'NULL')};
  END`,
  `CREATE TRIGGER era_begun AFTER INSERT ON endings WHEN NEW.kind = 'era' BEGIN
    UPDATE ledger SET era = NEW.epoch WHERE era < NEW.epoch;
  END`,
  ...['AFTER INSERT ON endings', ofSession('AFTER DELETE'), ofSession('AFTER UPDATE OF owner')].map(
    (event, place) => `CREATE TRIGGER ended_${place} ${event} BEGIN UPDATE ledger SET ended = ended + 1; END`
  )
]

const postgresValues = (row: 'NEW' | 'OLD', epoch: string, keep: string) =>
  `VALUES (gen_random_uuid()::text, 'account', ${row}.id, ${row}.name, ${epoch}, ${keep},
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint + ${longestLifeMilliseconds})`

/**
 * Without the lock, of two transactions the one with the higher number could commit first, and whoever has
 * followed up to that number would never see the other one. A trigger of the statement fires before the first
 * number is given out; the lock is released after the commit can be seen.
 */
const postgresTriggers = [
  `CREATE FUNCTION latchkey_endings_in_order() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('latchkey endings'), TG_RELID::integer);
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER endings_in_order BEFORE INSERT ON endings
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_endings_in_order()`,
  `CREATE FUNCTION latchkey_account_ended() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
  BEGIN
    IF TG_OP = 'DELETE' THEN
      INSERT INTO endings (${columns}) ${postgresValues('OLD', 'OLD.version + 1', 'NULL')};
    ELSE
      INSERT INTO endings (${columns}) ${postgresValues('NEW', 'NEW.version', 'NEW.kept_session')};
    END IF;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER accounts_changed AFTER UPDATE OF version ON accounts
    FOR EACH ROW WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION latchkey_account_ended()`,
  `CREATE TRIGGER accounts_removed AFTER DELETE ON accounts
    FOR EACH ROW EXECUTE FUNCTION latchkey_account_ended()`,
  `CREATE FUNCTION latchkey_era_begun() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
  BEGIN
    UPDATE ledger SET era = NEW.epoch WHERE era < NEW.epoch;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER era_begun AFTER INSERT ON endings
    FOR EACH ROW WHEN (NEW.kind = 'era') EXECUTE FUNCTION latchkey_era_begun()`
]
