import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { ConfigError } from '../errors/errors.ts'
import { defaultPatienceMilliseconds, withPatience } from '../primitives/patience.ts'
import { migrate, migrationTable, mustBeOfThisVersion, WrongDatabaseError } from './migrations.ts'
import { Availability, clientWithPatience, type PostgresListener, reportingPool } from './postgres-pool.ts'
import type { Tables } from './tables.ts'

/**
 * Of the patience with an answer: connecting and asking together stay below twice as long. The server gives up before
 * we do, so what was answered with an error is not done afterwards.
 */
const shares = { connecting: 0.9, answering: 0.9, statement: 0.8 } as const
const connections = 10

/** Bringing the tables up to date may mean going through a large one, or waiting while another service does. */
const stepMilliseconds = 60_000
/** How long the start waits for it at least. */
const startMilliseconds = 5000

/** Accounts in PostgreSQL 14 or newer. `close` may be called once. */
export interface PostgresDatabase {
  readonly kind: 'postgres'
  readonly sql: Kysely<Tables>
  /** The same: only the embedded database has writes that do not wait for the disk. */
  readonly noSyncSql: Kysely<Tables>
  close(): Promise<void>
}

/**
 * Connects and brings the tables up to date. What cannot be reached, now or later, is told to the listener:
 * until it is back every statement is a StorageError within twice the patience, and the first one that gets through
 * brings the tables up to date if that is still to be done.
 *
 * One that answers and refuses stops the start: no such database, a wrong password or missing rights do not
 * mend themselves, and a service that starts all the same would take the place of one that works.
 * @param patience how long an answer is waited for, in milliseconds: STORAGE_PATIENCE
 * @throws {ConfigError} when it refuses or the URL makes no sense, without the password
 */
export async function openPostgres(
  url: string,
  listener: PostgresListener,
  patience = defaultPatienceMilliseconds
): Promise<PostgresDatabase> {
  const pool = makePool(url, patience)
  const availability = new Availability(listener)
  const upToDate = untilDone(() => bringUpToDate(url, 2 * patience))
  const inTime = (milliseconds: number) =>
    withPatience(milliseconds, upToDate(), () => new Error('its tables are not up to date yet'))
  const watch = {
    availability,
    ready: () => inTime(patience),
    connectPatience: patience * shares.connecting,
    answerPatience: patience * shares.answering
  }
  const dialect = new PostgresDialect({ pool: reportingPool(pool, watch) })
  const sql = new Kysely<Tables>({ dialect })
  try {
    await inTime(Math.max(startMilliseconds, patience))
  } catch (error) {
    if (error instanceof WrongDatabaseError)
      throw new ConfigError([`DATABASE_URL names a PostgreSQL database, and that ${error.message}`])
    if (isRefusal(error))
      throw new ConfigError([`DATABASE_URL names a PostgreSQL that refuses: ${error.message}`])
    availability.failed(error)
  }
  return { kind: 'postgres', sql, noSyncSql: sql, close: () => sql.destroy() }
}

/** Whole numbers of the database are numbers: none of ours is beyond 2^53. */
const wholeNumber = 20

function makePool(connectionString: string, patience: number): pg.Pool {
  const settings: pg.PoolConfig = {
    connectionString,
    max: connections,
    Client: clientWithPatience(patience * shares.connecting),
    statement_timeout: Math.round(patience * shares.statement),
    types: {
      getTypeParser: (oid) => (oid === wholeNumber ? Number : pg.types.getTypeParser(oid))
    }
  }
  try {
    // A pool would find out at the first connection only.
    new pg.Client(settings)
  } catch (cause) {
    throw new ConfigError([`DATABASE_URL cannot be used: ${cause instanceof Error ? cause.message : cause}`])
  }
  return new pg.Pool(settings)
}

/** Over a connection of its own: a step takes its time, and services that start together wait for each other. */
async function bringUpToDate(connectionString: string, connectPatience: number): Promise<void> {
  const pool = new pg.Pool({
    connectionString,
    max: 1,
    Client: clientWithPatience(connectPatience),
    query_timeout: stepMilliseconds
  })
  pool.on('connect', (client) => client.on('error', nothing))
  pool.on('error', nothing)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    await mustBeOurs(db)
    await migrate(db, 'postgres')
  } finally {
    await db.destroy()
  }
}

/**
 * An app may have its tables beside ours, but not under the same names.
 * @throws {WrongDatabaseError} before anything is written, when another program or another version made the tables
 */
async function mustBeOurs(db: Kysely<Tables>): Promise<void> {
  // In this order: of services that start together another one may make them in between, its notes first.
  const [taken] = await tablesIn(db, ['accounts', 'audit'])
  const [notes] = await tablesIn(db, [migrationTable])
  if (notes !== undefined) {
    const steps = await sql<{ name: string }>`SELECT name FROM ${sql.table(notes)}`.execute(db)
    mustBeOfThisVersion(steps.rows.map(({ name }) => name))
  } else if (taken !== undefined) {
    throw new WrongDatabaseError(`has a table ${taken} of another program: choose another database or schema`)
  }
}

/** Which of these there are, where a statement would find them. */
async function tablesIn(db: Kysely<Tables>, names: readonly string[]): Promise<readonly string[]> {
  const found = await sql<{ name: string }>`
    SELECT name FROM unnest(ARRAY[${sql.join(names)}]::text[]) AS name WHERE to_regclass(name) IS NOT NULL`.execute(
    db
  )
  return found.rows.map(({ name }) => name)
}

/** Does the work once; while it has failed, whoever asks next has it tried anew. */
function untilDone(work: () => Promise<void>): () => Promise<void> {
  let doing: Promise<void> | undefined
  return () => {
    doing ??= work().catch((error) => {
      doing = undefined
      throw error
    })
    return doing
  }
}

/** Class 28 is who may connect, 3D which database, 42 what one may do there. */
function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(28|3D|42)/.test(error.code ?? '')
}

function nothing(): void {}
