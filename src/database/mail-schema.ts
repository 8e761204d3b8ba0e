import { type Kysely, SqliteAdapter, sql } from '#vendor/kysely'
import { factChange } from './groups-schema.ts'

/**
 * Addresses of accounts, mail that waits to be sent, and what people asked for by mail. An account's rows are removed with
 * it; mail that has to go out all the same is of no account. A trigger writes into the ledger whose address changed.
 */
export async function createMail(db: Kysely<unknown>): Promise<void> {
  for (const column of ['email', 'email_key', 'language'])
    await db.schema.alterTable('accounts').addColumn(column, 'text').execute()
  await db.schema.alterTable('accounts').addColumn('email_at', 'bigint').execute()
  await db.schema
    .alterTable('accounts')
    .addColumn('sign_in_notices', 'integer', (column) => column.notNull().defaultTo(1))
    .execute()
  await db.schema
    .createIndex('accounts_email_key')
    .on('accounts')
    .column('email_key')
    .unique()
    .where(sql<boolean>`email_key IS NOT NULL`)
    .execute()
  await createOutbox(db)
  await db.schema
    .createTable('reset_requests')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('typed', 'text', (column) => column.notNull())
    .addColumn('network', 'text', (column) => column.notNull())
    .addColumn('language', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('leased_until', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema.createIndex('reset_requests_at').on('reset_requests').column('created_at').execute()
  await db.schema
    .createTable('former_addresses')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) =>
      column.notNull().references('accounts.id').onDelete('cascade')
    )
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('former_addresses_account')
    .on('former_addresses')
    .columns(['account_id', 'until'])
    .execute()
  await db.schema.createIndex('former_addresses_until').on('former_addresses').column('until').execute()
  await db.schema
    .createTable('invitations')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('address_key', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull().defaultTo('user'))
    .addColumn('invited_by', 'text')
    .addColumn('language', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('invitations_address')
    .on('invitations')
    .columns(['address_key', 'kind'])
    .execute()
  await db.schema.createIndex('invitations_expires_at').on('invitations').column('expires_at').execute()
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  for (const statement of isSqlite ? sqliteTriggers : postgresTriggers) await sql.raw(statement).execute(db)
}

/** Who has asked for a registration: of too many those of the network that has most are ended. */
export async function addRegistrations(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('invitations').addColumn('network', 'text').execute()
}

/** In which order mail is sent, and whom it is sent for, so that what one network asks for waits behind what others do. */
export async function addTurns(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('outbox').addColumn('network', 'text').execute()
  await db.schema
    .alterTable('outbox')
    .addColumn('turn', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  for (const [name, columns] of [
    ['turn', ['turn']],
    ['network', ['network', 'turn']]
  ] as const) {
    const index = db.schema
      .createIndex(`outbox_${name}`)
      .on('outbox')
      .columns([...columns])
    await index.where(sql<boolean>`sent_at IS NULL AND failed_at IS NULL`).execute()
  }
}

async function createOutbox(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('outbox')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.references('accounts.id').onDelete('cascade'))
    .addColumn('recipient', 'text', (column) => column.notNull())
    .addColumn('template', 'text', (column) => column.notNull())
    .addColumn('language', 'text')
    .addColumn('data', 'text')
    .addColumn('once', 'text', (column) => column.unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('next_at', 'bigint', (column) => column.notNull())
    .addColumn('tries', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('leased_until', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('sent_at', 'bigint')
    .addColumn('failed_at', 'bigint')
    .addColumn('error', 'text')
    .execute()
  const waiting = db.schema.createIndex('outbox_waiting').on('outbox').column('next_at')
  await waiting.where(sql<boolean>`sent_at IS NULL AND failed_at IS NULL`).execute()
  const failed = db.schema.createIndex('outbox_failed').on('outbox').column('failed_at')
  await failed.where(sql<boolean>`failed_at IS NOT NULL`).execute()
  await db.schema.createIndex('outbox_account').on('outbox').columns(['account_id', 'created_at']).execute()
  await db.schema.createIndex('outbox_created_at').on('outbox').column('created_at').execute()
}

const sqliteTriggers = [
  `CREATE TRIGGER accounts_email_changed AFTER UPDATE OF email ON accounts WHEN NEW.email IS NOT OLD.email BEGIN
    ${factChange('sqlite', 'NEW.id')}; END`
]

const postgresTriggers = [
  `CREATE FUNCTION latchkey_email_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT
    AS $$ BEGIN ${factChange('postgres', 'NEW.id')}; RETURN NULL; END $$`,
  `CREATE TRIGGER accounts_email_changed AFTER UPDATE OF email ON accounts
    FOR EACH ROW WHEN (NEW.email IS DISTINCT FROM OLD.email) EXECUTE FUNCTION latchkey_email_changed()`
]
