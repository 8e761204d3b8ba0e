import { type Kysely, SqliteAdapter, sql } from '#vendor/kysely'
import { longestLifeMilliseconds } from './endings-schema.ts'
import { sqliteNow } from './ledger-clock.ts'

const dayMilliseconds = 24 * 60 * 60 * 1000
/** For so long nobody else can take the name that somebody has given up. */
const heldMilliseconds = 30 * dayMilliseconds
/** A device cookie is signed for the name that its owner had then, and lasts a year. */
const keptMilliseconds = 366 * dayMilliseconds

/**
 * The names that accounts had before. Triggers write a name down in the statement that gives it up, and skip a row of
 * another account that would take it while it is held: as if the name were taken.
 */
export async function createFormerNames(db: Kysely<unknown>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  await db.schema
    .createTable('former_names')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('skeleton', 'text', (column) => column.notNull())
    .addColumn('key_skeleton', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('held_until', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('former_names_key', ['account', 'key'])
    .execute()
  for (const column of ['key', 'skeleton', 'key_skeleton'])
    await db.schema.createIndex(`former_names_by_${column}`).on('former_names').column(column).execute()
  await db.schema.alterTable('endings').addColumn('label', 'text').execute()
  await db.schema.alterTable('audit').addColumn('former_name', 'text').execute()
  await db.schema.createIndex('audit_former_name_at').on('audit').columns(['former_name', 'at']).execute()
  for (const statement of isSqlite ? sqliteTriggers : postgresTriggers) await sql.raw(statement).execute(db)
}

/** Whether somebody else holds the name of the new row, or for a visitor one that looks like it. */
const isHeld = (now: string) => `EXISTS (SELECT 1 FROM former_names AS held
  WHERE held.account <> NEW.id AND held.held_until > ${now} AND (held.key = NEW.key OR NEW.registered = 1 AND (
    held.skeleton IN (NEW.skeleton, NEW.key_skeleton) OR held.key_skeleton IN (NEW.skeleton, NEW.key_skeleton))))`

const giveUp = (now: string) => `
  DELETE FROM former_names WHERE at < ${now} - ${keptMilliseconds} AND held_until < ${now};
  DELETE FROM former_names WHERE account = NEW.id AND key IN (OLD.key, NEW.key);
  INSERT INTO former_names (account, key, name, skeleton, key_skeleton, at, held_until)
    VALUES (OLD.id, OLD.key, OLD.name, OLD.skeleton, OLD.key_skeleton, ${now}, ${now} + ${heldMilliseconds});`

/** The sessions of the account go on under the label; those that an app made out of the former name end. */
const columns = 'nonce, kind, owner, name, epoch, keep, until, label'
const renamed = (nonce: string, now: string) => `INSERT INTO endings (${columns}) VALUES
  (${nonce}, 'account', NEW.id, OLD.name, NEW.version, NEW.kept_session, ${now} + ${longestLifeMilliseconds}, NEW.name);`
/** An account of that id that comes back may have another name. */
const removed = (nonce: string, now: string) => `INSERT INTO endings (${columns}) VALUES
  (${nonce}, 'account', OLD.id, OLD.name, OLD.version + 1, NULL, ${now} + ${longestLifeMilliseconds}, '');
  DELETE FROM former_names WHERE account = OLD.id;`

const sqliteNonce = 'lower(hex(randomblob(16)))'

const sqliteTriggers = [
  ...['INSERT', 'UPDATE OF key'].map(
    (event, place) => `CREATE TRIGGER accounts_name_held_${place} BEFORE ${event} ON accounts
      WHEN ${isHeld(sqliteNow)} BEGIN SELECT RAISE(IGNORE); END`
  ),
  `CREATE TRIGGER accounts_name_given_up AFTER UPDATE OF key ON accounts WHEN NEW.key <> OLD.key BEGIN
    ${giveUp(sqliteNow)} END`,
  `CREATE TRIGGER accounts_renamed AFTER UPDATE OF name ON accounts WHEN NEW.name <> OLD.name BEGIN
    ${renamed(sqliteNonce, sqliteNow)} END`,
  'DROP TRIGGER accounts_removed',
  `CREATE TRIGGER accounts_removed AFTER DELETE ON accounts BEGIN ${removed(sqliteNonce, sqliteNow)} END`
]

const postgresNow = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'
const postgresNonce = 'gen_random_uuid()::text'

const postgresFunction = (name: string, body: string) =>
  `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN ${body} END $$`

/**
 * A new account that began before a name was given up would not see that it is held. So names are given up alone, and
 * what is looked up after the lock sees what was committed before.
 */
const postgresTriggers = [
  postgresFunction(
    'latchkey_name_held',
    `IF TG_OP = 'INSERT' THEN PERFORM pg_advisory_xact_lock_shared(hashtext('latchkey names'), TG_RELID::integer);
    ELSE PERFORM pg_advisory_xact_lock(hashtext('latchkey names'), TG_RELID::integer); END IF;
    IF ${isHeld(postgresNow)} THEN RETURN NULL; END IF;
    RETURN NEW;`
  ),
  ...['INSERT', 'UPDATE OF key'].map(
    (event, place) => `CREATE TRIGGER accounts_name_held_${place} BEFORE ${event} ON accounts
      FOR EACH ROW EXECUTE FUNCTION latchkey_name_held()`
  ),
  postgresFunction('latchkey_name_given_up', `${giveUp(postgresNow)} RETURN NULL;`),
  `CREATE TRIGGER accounts_name_given_up AFTER UPDATE OF key ON accounts
    FOR EACH ROW WHEN (NEW.key <> OLD.key) EXECUTE FUNCTION latchkey_name_given_up()`,
  postgresFunction('latchkey_account_renamed', `${renamed(postgresNonce, postgresNow)} RETURN NULL;`),
  `CREATE TRIGGER accounts_renamed AFTER UPDATE OF name ON accounts
    FOR EACH ROW WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION latchkey_account_renamed()`,
  postgresFunction('latchkey_account_removed', `${removed(postgresNonce, postgresNow)} RETURN NULL;`),
  'DROP TRIGGER accounts_removed ON accounts',
  `CREATE TRIGGER accounts_removed AFTER DELETE ON accounts
    FOR EACH ROW EXECUTE FUNCTION latchkey_account_removed()`
]
