import { setTimeout } from 'node:timers/promises'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { ConfigError } from '../errors.ts'
import { migrate } from './migrations.ts'
import { answeringPool, type PostgresListener, Presence } from './postgres-pool.ts'
import type { Tables } from './tables.ts'

/** Connecting and asking together stay below the second within which every request is answered. */
const connectTimeoutMilliseconds = 450
const queryTimeoutMilliseconds = 450
/** The server gives up before we do: what was answered with an error is not done afterwards. */
const statementTimeoutMilliseconds = 400
const connections = 10

/** Bringing the tables up to date may mean going through a large one, or waiting while another service does. */
const steps = { connectTimeoutMilliseconds: 1000, queryTimeoutMilliseconds: 60_000 } as const
/** How long the start waits for it, and how long a request does. */
const startPatienceMilliseconds = 5000
const requestPatienceMilliseconds = 500

/** Accounts in PostgreSQL 14 or newer. `close` may be called once. */
export interface PostgresDatabase {
  readonly kind: 'postgres'
  readonly sql: Kysely<Tables>
  /** The same: only the embedded database has writes that do not wait for the disk. */
  readonly hastySql: Kysely<Tables>
  close(): Promise<void>
}

/**
 * Connects and brings the tables up to date. What cannot be reached, now or later, is told to the listener:
 * until it is back every statement is a StorageError within a second, and the first one that gets through
 * brings the tables up to date if that is still to be done.
 *
 * One that answers and refuses stops the start: no such database, a wrong password or missing rights do not
 * mend themselves, and a service that starts all the same would take the place of one that works.
 * @throws {ConfigError} when it refuses or the URL makes no sense, without the password
 */
export async function openPostgres(url: string, listener: PostgresListener): Promise<PostgresDatabase> {
  const pool = makePool(url)
  const presence = new Presence(listener)
  const upToDate = untilDone(() => bringUpToDate(url))
  const ready = () => inTime(upToDate(), requestPatienceMilliseconds)
  const dialect = new PostgresDialect({ pool: answeringPool(pool, { presence, ready }) })
  const sql = new Kysely<Tables>({ dialect })
  try {
    await inTime(upToDate(), startPatienceMilliseconds)
  } catch (error) {
    if (isRefusal(error))
      throw new ConfigError([`DATABASE_URL names a PostgreSQL that refuses: ${error.message}`])
    presence.failed(error)
  }
  return { kind: 'postgres', sql, hastySql: sql, close: () => sql.destroy() }
}

/** Whole numbers of the database are numbers: none of ours is beyond 2^53. */
const wholeNumber = 20

function makePool(connectionString: string): pg.Pool {
  const settings: pg.PoolConfig = {
    connectionString,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMilliseconds,
    query_timeout: queryTimeoutMilliseconds,
    statement_timeout: statementTimeoutMilliseconds,
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
async function bringUpToDate(connectionString: string): Promise<void> {
  const pool = new pg.Pool({
    connectionString,
    max: 1,
    connectionTimeoutMillis: steps.connectTimeoutMilliseconds,
    query_timeout: steps.queryTimeoutMilliseconds
  })
  pool.on('connect', (client) => client.on('error', nothing))
  pool.on('error', nothing)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrate(db, 'postgres')
  } finally {
    await db.destroy()
  }
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

async function inTime(upToDate: Promise<void>, milliseconds: number): Promise<void> {
  const late = setTimeout(milliseconds, 'late', { ref: false })
  if ((await Promise.race([upToDate, late])) === 'late') throw new Error('its tables are not up to date yet')
}

/** Class 28 is who may connect, 3D which database, 42 what one may do there. */
function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(28|3D|42)/.test(error.code ?? '')
}

function nothing(): void {}
