import type { Kysely } from 'kysely'
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration'
import type { Tables } from './tables.ts'

/** Every change ever made to the tables, oldest first. Add to the end; never edit what was released. */
const migrations: Record<string, Migration> = {
  '0001-accounts-and-sessions': {
    async up(db) {
      await db.schema
        .createTable('accounts')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('password_hash', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('sessions')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('record', 'text', (column) => column.notNull())
        .addColumn('owner', 'text')
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('sessions_expires_at').on('sessions').column('expires_at').execute()
      await db.schema.createIndex('sessions_owner').on('sessions').column('owner').execute()
    }
  },
  '0003-audit': {
    async up(db) {
      await db.schema
        .createTable('audit')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('event', 'text', (column) => column.notNull())
        .addColumn('name', 'text')
        .addColumn('done_by', 'text')
        .addColumn('address', 'text')
        .addColumn('session', 'text')
        .execute()
      await db.schema.createIndex('audit_at').on('audit').column('at').execute()
      await db.schema.createIndex('audit_name_at').on('audit').columns(['name', 'at']).execute()
    }
  }
}

const provider: MigrationProvider = { getMigrations: async () => migrations }

/** Brings the tables up to date, all steps in one transaction. Processes that start together wait for each other. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const { error } = await new Migrator({ db: transaction, provider }).migrateToLatest()
    if (error) throw error
  })
}
