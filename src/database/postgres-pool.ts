import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { StorageError } from '../errors.ts'

export interface PostgresListener {
  /** Called once each time PostgreSQL goes away, or is not there to begin with. */
  onLost(error: Error): void
  onBack(): void
}

export interface PoolWatch {
  readonly presence: Presence
  /** What has to be done before the first statement. */
  ready(): Promise<void>
}

/**
 * A pool of `pg` as Kysely wants one, whose every failure is a StorageError, of which no loss of a connection
 * ends the process, and which gives no connection away again that may still be busy.
 */
export function answeringPool(pool: pg.Pool, { presence, ready }: PoolWatch): PostgresPool {
  pool.on('error', (error) => presence.lost(error))
  // While a connection is lent out the pool does not listen. Whoever asked on it is told all the same.
  pool.on('connect', (client) => client.on('error', () => {}))

  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      try {
        await ready()
        const client = await pool.connect()
        return lend(client, presence)
      } catch (cause) {
        throw presence.failed(cause)
      }
    }
  }
}

/** Classes 08, 53 and 57: no connection, none left, starting or stopping. */
const saysItIsAway = /^(08|53|57)/

/** One connection until it is released. */
function lend(client: pg.PoolClient, presence: Presence): PostgresPoolClient {
  let isUsable = true
  const query = async (text: string, values: readonly unknown[]) => {
    try {
      const result = await client.query(text, values.slice())
      presence.back()
      return result
    } catch (cause) {
      // The server said no and is ready for the next question; else nobody knows what it is at.
      isUsable = cause instanceof pg.DatabaseError && cause.severity === 'ERROR'
      throw presence.failed(cause)
    }
  }
  const release = (destroy = false) => client.release(destroy || !isUsable)
  // Kysely also asks with a cursor, but only if it was given one.
  return { query: query as unknown as PostgresPoolClient['query'], release }
}

/** Tells the listener once each time, however often it is tried in between. */
export class Presence {
  readonly #listener: PostgresListener
  #isAway = false

  constructor(listener: PostgresListener) {
    this.#listener = listener
  }

  lost(error: Error): void {
    if (!this.#isAway) this.#listener.onLost(error)
    this.#isAway = true
  }

  back(): void {
    if (this.#isAway) this.#listener.onBack()
    this.#isAway = false
  }

  /** An answer of the server's does not mean that it is away, unless it says so. */
  failed(cause: unknown): StorageError {
    // Of a name with several addresses each has failed.
    const error = cause instanceof AggregateError ? cause.errors[0] : cause
    if (!(error instanceof pg.DatabaseError) || saysItIsAway.test(error.code ?? '')) this.lost(error)
    return new StorageError('PostgreSQL', error)
  }
}
