import { type CreateTableBuilder, type Kysely, sql } from '#vendor/kysely'

/**
 * Second factors of accounts, and what is needed once. All but `spent` and `data_keys` is removed with the account. What
 * an account had before stays with it (NIST SP 800-63B-4 §4.1), without its key.
 */
export async function createFactors(db: Kysely<unknown>): Promise<void> {
  for (const column of ['second_factors', 'wrong_recovery_codes'])
    await db.schema
      .alterTable('accounts')
      .addColumn(column, 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
  await db.schema.alterTable('audit').addColumn('detail', 'text').execute()
  await ofAccounts(db.schema.createTable('totp').addColumn('id', 'text', (column) => column.primaryKey()))
    .addColumn('seed', 'text')
    .addColumn('last_step', 'bigint', (column) => column.notNull())
    .addColumn('wrong_tries', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('removed_at', 'bigint')
    .execute()
  const present = db.schema.createIndex('totp_present').on('totp').column('account_id')
  await present.unique().where(sql<boolean>`removed_at IS NULL`).execute()
  await ofAccounts(db.schema.createTable('passkeys').addColumn('id', 'text', (column) => column.primaryKey()))
    .addColumn('public_key', 'text')
    .addColumn('algorithm', 'integer', (column) => column.notNull())
    .addColumn('counter', 'bigint', (column) => column.notNull())
    .addColumn('transports', 'text', (column) => column.notNull())
    .addColumn('aaguid', 'text', (column) => column.notNull())
    .addColumn('backup_eligible', 'integer', (column) => column.notNull())
    .addColumn('backed_up', 'integer', (column) => column.notNull())
    .addColumn('rp_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('removed_at', 'bigint')
    .execute()
  // Finds those of another domain without reading all of them.
  const byDomain = db.schema.createIndex('passkeys_rp_id').on('passkeys').column('rp_id')
  await byDomain.where(sql<boolean>`removed_at IS NULL`).execute()
  await ofAccounts(
    db.schema.createTable('recovery_codes').addColumn('hash', 'text', (column) => column.primaryKey())
  )
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute()
  await ofAccounts(
    db.schema.createTable('link_tokens').addColumn('hash', 'text', (column) => column.primaryKey())
  )
    .addColumn('account_version', 'integer', (column) => column.notNull())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('address', 'text')
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('spent')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('data_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('canary', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute()
  for (const table of ['totp', 'passkeys', 'recovery_codes', 'link_tokens'])
    await db.schema.createIndex(`${table}_account`).on(table).column('account_id').execute()
  for (const table of ['link_tokens', 'spent'])
    await db.schema.createIndex(`${table}_expires_at`).on(table).column('expires_at').execute()
}

function ofAccounts<Table extends string, Column extends string>(table: CreateTableBuilder<Table, Column>) {
  return table.addColumn('account_id', 'text', (column) =>
    column.notNull().references('accounts.id').onDelete('cascade')
  )
}
