import type { Kysely } from '#vendor/kysely'
import { type Migration, Migrator } from '#vendor/kysely'
import { createAdministration } from './administration-schema.ts'
import type { DatabaseAddress } from './database-address.ts'
import { createEndings } from './endings-schema.ts'
import { createFactors } from './factors-schema.ts'
import { createFormerNames } from './former-names-schema.ts'
import { createGroups } from './groups-schema.ts'
import { addRegistrations, addTurns, createMail } from './mail-schema.ts'
import { createResetMails } from './reset-mails-schema.ts'
import type { Tables } from './tables.ts'
import { createTokens } from './tokens-schema.ts'

/**
 * The table of completed migrations. It has a name of its own, because an app in the same PostgreSQL may use
 * Kysely too.
 */
export const migrationTable = 'latchkey_migration'

interface Step extends Migration {
  /** Omitted for a step that every database needs. */
  readonly onlyIn?: DatabaseAddress['kind']
}

/**
 * All migrations, ordered by name. A name ends with the version of Latchkey that introduced it, so that an
 * earlier version that finds it in a database can name the version it needs. Add steps at the end; never edit
 * a released one.
 */
const steps: Record<string, Step> = {
  '0001-accounts@0.1.0': {
    async up(db) {
      await db.schema
        .createTable('accounts')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('id', 'text', (column) => column.notNull().unique())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('skeleton', 'text', (column) => column.notNull())
        .addColumn('key_skeleton', 'text', (column) => column.notNull())
        .addColumn('registered', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('password_hash', 'text', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('first', 'integer', (column) => column.unique())
        .addColumn('role', 'text', (column) => column.notNull().defaultTo('user'))
        .addColumn('disabled_at', 'bigint')
        .addColumn('failed_attempts', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('kept_session', 'text')
        .addColumn('ended_by', 'text')
        .execute()
      for (const column of ['skeleton', 'key_skeleton']) {
        const index = db.schema.createIndex(`accounts_${column}`).on('accounts').column(column)
        await index.execute()
        // Two visitors who register at the same time do not see each other's account.
        const own = db.schema.createIndex(`accounts_registered_${column}`).on('accounts').column(column)
        await own.unique().where('registered', '=', 1).execute()
      }
    }
  },
  '0002-audit@0.1.0': {
    async up(db) {
      await db.schema
        .createTable('audit')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('event', 'text', (column) => column.notNull())
        .addColumn('name', 'text')
        .addColumn('account', 'text')
        .addColumn('actor_kind', 'text')
        .addColumn('actor_name', 'text')
        .addColumn('actor_account', 'text')
        .addColumn('address', 'text')
        .addColumn('session', 'text')
        .execute()
      await db.schema.createIndex('audit_at').on('audit').column('at').execute()
      for (const column of ['name', 'account'])
        await db.schema.createIndex(`audit_${column}_at`).on('audit').columns([column, 'at']).execute()
    }
  },
  '0003-sessions-and-attempts@0.1.0': {
    onlyIn: 'sqlite',
    async up(db) {
      await db.schema
        .createTable('sessions')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('record', 'text', (column) => column.notNull())
        .addColumn('owner', 'text')
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('used_at', 'bigint', (column) => column.notNull().defaultTo(0))
        .execute()
      await db.schema.createIndex('sessions_expires_at').on('sessions').column('expires_at').execute()
      const lists = db.schema.createIndex('sessions_owner').on('sessions').columns(['owner', 'used_at'])
      await lists.where('owner', 'is not', null).execute()
      await db.schema
        .createTable('attempts')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('count', 'real', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('blocked_until', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('tries_expires_at').on('attempts').column('expires_at').execute()
    }
  },
  '0004-devices@0.1.0': {
    async up(db) {
      await db.schema
        .createTable('devices')
        .addColumn('account', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('used_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('devices_key', ['account', 'id'])
        .execute()
    }
  },
  '0005-endings@0.1.0': {
    up: createEndings
  },
  '0006-former-names@0.1.0': {
    up: createFormerNames
  },
  '0007-groups@0.1.0': {
    up: createGroups
  },
  '0008-factors@0.1.0': {
    up: createFactors
  },
  '0009-tokens@0.1.0': {
    up: createTokens
  },
  '0010-mail@0.1.0': {
    up: createMail
  },
  '0011-administration@0.1.0': {
    up: createAdministration
  },
  '0012-reset-mails@0.1.0': {
    up: createResetMails
  },
  '0013-registrations@0.1.0': {
    up: addRegistrations
  },
  '0014-turns-of-mail@0.1.0': {
    up: addTurns
  }
}

/**
 * Migrates the tables of one kind of database. Call mustBeOfThisVersion first.
 * @param taken the migrations that it has: if none is left, Kysely does not look at every column of every table
 */
export async function migrate(
  db: Kysely<Tables>,
  kind: DatabaseAddress['kind'],
  taken: readonly string[]
): Promise<void> {
  const needed = stepsOf(kind)
  if (needed.every(([name]) => taken.includes(name))) return
  const provider = { getMigrations: async () => Object.fromEntries(needed) }
  const migrator = new Migrator({
    db,
    provider,
    migrationTableName: migrationTable,
    migrationLockTableName: `${migrationTable}_lock`
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

/** All steps of one kind of database, with their names, in their order. */
export function stepsOf(kind: DatabaseAddress['kind']): readonly (readonly [string, Migration])[] {
  return Object.entries(steps).filter(([, { onlyIn = kind }]) => onlyIn === kind)
}

/**
 * A database that this version of Latchkey cannot use. The message completes a sentence: "DATABASE_URL is …,
 * which".
 */
export class WrongDatabaseError extends Error {}

/**
 * @param taken the migrations that a database has
 * @throws {WrongDatabaseError} when one of them is unknown; the message names the version that is needed
 */
export function mustBeOfThisVersion(taken: readonly string[]): void {
  const unknown = taken.filter((name) => !(name in steps)).sort()
  const newest = unknown.at(-1)
  if (newest === undefined) return
  const [, version] = /@(\d+\.\d+\.\d+\S*)$/.exec(newest) ?? []
  const maker = version ? `Latchkey ${version} or newer` : `a version of Latchkey with the step ${newest}`
  throw new WrongDatabaseError(`was created by ${maker}: start that version, or restore a backup`)
}
