import type { Kysely } from '#vendor/kysely'

/** How many links for a forgotten password were mailed to an account because of one network, lately. */
export async function createResetMails(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('reset_mails')
    .addColumn('account_id', 'text', (column) =>
      column.notNull().references('accounts.id').onDelete('cascade')
    )
    .addColumn('network', 'text', (column) => column.notNull())
    .addColumn('mails', 'integer', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('reset_mails_key', ['account_id', 'network'])
    .execute()
  await db.schema.createIndex('reset_mails_last_at').on('reset_mails').column('last_at').execute()
}
