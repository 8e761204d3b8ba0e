import pg from 'pg'
import { Kysely, PostgresDialect, sql } from '#vendor/kysely'
import { ConfigError } from '../errors/errors.ts'
import { defaultPatienceMilliseconds, withPatience } from '../primitives/patience.ts'
import { migrate, migrationTable, mustBeOfThisVersion, WrongDatabaseError } from './migrations.ts'
import type { PostgresListener } from './postgres-listener.ts'
import { Availability, clientWithPatience, reportingPool, watched } from './postgres-pool.ts'
import { refusalOf } from './refusals.ts'
import { makePool, queryOf, timeoutScopeOf } from './statement-timeout.ts'
import type { Tables } from './tables.ts'

/**
 * Shares of the timeout for an answer: connecting and querying together stay below twice the timeout. The
 * server gives up before the client, so a statement that failed here does not run afterwards.
 */
const shares = { connecting: 0.9, answering: 0.9, statement: 0.8 } as const
const connections = 10

/** A migration may go through a large table, or wait while another service migrates. */
const stepMilliseconds = 60_000
/** The minimum time the start waits for it. */
const startMilliseconds = 5000

/** Accounts in PostgreSQL 14 or newer. `close` may be called once. */
export interface PostgresDatabase {
  readonly kind: 'postgres'
  readonly sql: Kysely<Tables>
  /** The same as `sql`: only the embedded database has writes that do not wait for the disk. */
  readonly noSyncSql: Kysely<Tables>
  close(): Promise<void>
}

/**
 * Connects and migrates the tables. A PostgreSQL that cannot be reached, now or later, is reported to the
 * listener. Until it is back every statement is a StorageError within twice the timeout; the first one that
 * gets through runs the migrations if they are still missing.
 *
 * A PostgreSQL that refuses stops the start: a missing database, a wrong password or missing rights need an
 * operator, and a service that starts anyway would replace one that works.
 * @param patience timeout for an answer in milliseconds: STORAGE_PATIENCE
 * @throws {ConfigError} when it refuses or the URL is invalid; without the password
 */
export async function openPostgres(
  url: string,
  listener: PostgresListener,
  patience = defaultPatienceMilliseconds
): Promise<PostgresDatabase> {
  const availability = new Availability(listener)
  const settings = poolSettings(url, patience, availability)
  let pool: pg.Pool | undefined
  const upToDate = untilDone(async () => {
    await bringUpToDate(url, 2 * patience, () => availability.signs++)
    const scope = await timeoutScopeOf(settings, 2 * patience)
    pool ??= watched(makePool(settings, scope), availability)
    return pool
  })
  const inTime = (milliseconds: number) =>
    withPatience(
      milliseconds,
      upToDate(),
      () => new Error('its tables are not up to date yet'),
      () => availability.signs
    )
  const watch = {
    availability,
    ready: () => inTime(patience),
    queryOf: (client: pg.PoolClient) => queryOf(client, statementMilliseconds(patience)),
    connectPatience: patience * shares.connecting,
    answerPatience: patience * shares.answering
  }
  const dialect = new PostgresDialect({ pool: reportingPool(watch, async () => pool?.end()) })
  const sql = new Kysely<Tables>({ dialect })
  try {
    await inTime(Math.max(startMilliseconds, patience))
  } catch (error) {
    if (error instanceof WrongDatabaseError)
      throw new ConfigError([`DATABASE_URL names a PostgreSQL database, which ${error.message}`])
    const refusal = refusalOf(error)
    if (refusal)
      throw new ConfigError([
        `DATABASE_URL names a PostgreSQL server that refuses the connection: ${refusal.message}`
      ])
    availability.lost(error instanceof AggregateError ? error.errors[0] : error)
  }
  return { kind: 'postgres', sql, noSyncSql: sql, close: () => sql.destroy() }
}

/** Database integers become numbers: none of ours exceeds 2^53. */
const wholeNumber = 20

function statementMilliseconds(patience: number): number {
  return Math.round(patience * shares.statement)
}

function poolSettings(connectionString: string, patience: number, heard: Availability): pg.PoolConfig {
  const settings: pg.PoolConfig = {
    connectionString,
    max: connections,
    Client: clientWithPatience(patience * shares.connecting, () => heard.signs++),
    statement_timeout: statementMilliseconds(patience),
    types: {
      getTypeParser: (oid) => (oid === wholeNumber ? Number : pg.types.getTypeParser(oid))
    }
  }
  try {
    // A pool would notice only at its first connection.
    new pg.Client(settings)
  } catch (cause) {
    throw new ConfigError([`DATABASE_URL cannot be used: ${cause instanceof Error ? cause.message : cause}`])
  }
  return settings
}

/**
 * Uses a connection of its own: a migration takes time, and services that start together wait for each other.
 * @param heard called for each answer: a server that is slow is not dead
 */
async function bringUpToDate(
  connectionString: string,
  connectPatience: number,
  heard: () => void
): Promise<void> {
  const pool = new pg.Pool({
    connectionString,
    max: 1,
    Client: clientWithPatience(connectPatience, heard),
    query_timeout: stepMilliseconds
  })
  pool.on('connect', (client) => client.on('error', nothing))
  pool.on('error', nothing)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), log: heard })
  try {
    await migrate(db, 'postgres', await stepsOfOurs(db))
  } finally {
    await db.destroy()
  }
}

const ownTables = [
  ...[
    'accounts',
    'audit',
    'devices',
    'ledger',
    'endings',
    'former_names',
    'user_groups',
    'group_members',
    'tokens'
  ],
  ...['totp', 'passkeys', 'recovery_codes', 'link_tokens', 'spent', 'data_keys'],
  ...['outbox', 'reset_requests', 'reset_mails', 'former_addresses', 'invitations']
]

/**
 * An app may have its own tables beside ours, but not with the same names.
 * @returns the migrations that it has
 * @throws {WrongDatabaseError} before anything is written, when another program or another version created
 * the tables
 */
async function stepsOfOurs(db: Kysely<Tables>): Promise<readonly string[]> {
  // In this order: a service that starts at the same time may create them in between, the migrations table
  // first.
  const [taken] = await tablesIn(db, ownTables)
  const [notes] = await tablesIn(db, [migrationTable])
  if (notes !== undefined) {
    const steps = await sql<{ name: string }>`SELECT name FROM ${sql.table(notes)}`.execute(db)
    const names = steps.rows.map(({ name }) => name)
    mustBeOfThisVersion(names)
    return names
  }
  if (taken !== undefined) {
    throw new WrongDatabaseError(`has a table ${taken} of another program: choose another database or schema`)
  }
  return []
}

/** Which of these tables exist, where a statement would find them. */
async function tablesIn(db: Kysely<Tables>, names: readonly string[]): Promise<readonly string[]> {
  const found = await sql<{ name: string }>`
    SELECT name FROM unnest(ARRAY[${sql.join(names)}]::text[]) AS name WHERE to_regclass(name) IS NOT NULL`.execute(
    db
  )
  return found.rows.map(({ name }) => name)
}

/** Does the work once; after a failure the next call tries again. */
function untilDone<Done>(work: () => Promise<Done>): () => Promise<Done> {
  let doing: Promise<Done> | undefined
  return () => {
    doing ??= work().catch((error) => {
      doing = undefined
      throw error
    })
    return doing
  }
}

function nothing(): void {}
