import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { DatabaseAddress } from './database-address.ts'
import type { Tables } from './tables.ts'

interface Step extends Migration {
  /** Left out: every database needs it. */
  readonly onlyIn?: DatabaseAddress['kind']
}

/** Every change ever made to the tables, oldest first. Add to the end; never edit what was released. */
const steps: Record<string, Step> = {
  '0001-accounts': {
    async up(db) {
      await db.schema
        .createTable('accounts')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('password_hash', 'text', (column) => column.notNull())
        .addColumn('password_version', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('first', 'integer', (column) => column.unique())
        .execute()
    }
  },
  '0002-sessions': {
    onlyIn: 'sqlite',
    async up(db) {
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
  },
  '0004-roles': {
    async up(db) {
      await db.schema
        .alterTable('accounts')
        .addColumn('role', 'text', (column) => column.notNull().defaultTo('user'))
        .execute()
      await db.schema.alterTable('accounts').addColumn('disabled_at', 'bigint').execute()
      await db.schema.alterTable('accounts').renameColumn('password_version', 'version').execute()
    }
  },
  '0005-tries': {
    onlyIn: 'sqlite',
    async up(db) {
      await db.schema
        .createTable('tries')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('count', 'real', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('held_until', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('tries_expires_at').on('tries').column('expires_at').execute()
    }
  },
  '0006-wrong-tries': {
    async up(db) {
      await db.schema
        .alterTable('accounts')
        .addColumn('wrong_tries', 'integer', (column) => column.notNull().defaultTo(0))
        .execute()
    }
  }
}

/** Brings the tables of one kind of database up to date. */
export async function migrate(db: Kysely<Tables>, kind: DatabaseAddress['kind']): Promise<void> {
  const needed = Object.entries(steps).filter(([, { onlyIn = kind }]) => onlyIn === kind)
  const provider = { getMigrations: async () => Object.fromEntries(needed) }
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  if (error) throw error
}
