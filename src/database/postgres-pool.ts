import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { StorageError } from '../errors/errors.ts'
import { startPatience, withPatience } from '../primitives/patience.ts'

export interface PostgresListener {
  /** Called once each time PostgreSQL goes away, or is not there to begin with. */
  onLost(error: Error): void
  onBack(): void
}

export interface PoolWatch {
  readonly availability: Availability
  /** What has to be done before the first statement. */
  ready(): Promise<void>
  /** How long a connection is waited for, and how long an answer on it, in milliseconds. */
  readonly connectPatience: number
  readonly answerPatience: number
}

/**
 * A pool of `pg` as Kysely wants one, whose every failure is a StorageError, of which no loss of a connection
 * ends the process, and which gives no connection away again that may still be busy.
 */
export function reportingPool(pool: pg.Pool, watch: PoolWatch): PostgresPool {
  const { availability, ready, connectPatience } = watch
  pool.on('error', (error) => availability.lost(error))
  // While a connection is lent out the pool does not listen. Whoever asked on it is told all the same.
  pool.on('connect', (client) => client.on('error', () => {}))

  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      try {
        await ready()
        const connecting = pool.connect()
        const client = await withPatience(connectPatience, connecting, () => {
          // Whoever would have had it is gone.
          connecting.then((late) => late.release(), nothing)
          return new Error(`no connection for ${connectPatience} ms`)
        })
        return checkOut(client, watch)
      } catch (cause) {
        throw availability.failed(cause)
      }
    }
  }
}

/**
 * Connections that are given up when they do not come about in time. (`pg`'s own timeouts take a process that stood
 * still for a server that is dead.)
 * @param patience in milliseconds
 */
export function clientWithPatience(patience: number): typeof pg.Client {
  return class extends pg.Client {
    override connect(): Promise<this>
    override connect(callback: (error: Error) => void): void
    override connect(callback?: (error: Error) => void): Promise<this> | undefined {
      const giveUp = () => this.connection.stream.destroy(new Error(`no connection for ${patience} ms`))
      const stop = startPatience(patience, giveUp)
      this.once('end', stop)
      this.connection.once('readyForQuery', stop)
      if (!callback) return super.connect() as Promise<this>
      super.connect(callback)
      return undefined
    }
  }
}

function nothing(): void {}

/** Classes 08, 53 and 57: no connection, none left, starting or stopping. */
const connectionErrorClasses = /^(08|53|57)/

/** One connection until it is released. */
function checkOut(client: pg.PoolClient, { availability, answerPatience }: PoolWatch): PostgresPoolClient {
  let isUsable = true
  const query = async (text: string, values: readonly unknown[]) => {
    try {
      const result = await withPatience(
        answerPatience,
        client.query(text, values.slice()),
        () => new Error(`no answer for ${answerPatience} ms`)
      )
      availability.back()
      return result
    } catch (cause) {
      // The server said no and is ready for the next question; else nobody knows what it is at.
      isUsable = cause instanceof pg.DatabaseError && cause.severity === 'ERROR'
      throw availability.failed(cause)
    }
  }
  const release = (destroy = false) => client.release(destroy || !isUsable)
  // Kysely also asks with a cursor, but only if it was given one.
  return { query: query as unknown as PostgresPoolClient['query'], release }
}

/** Tells the listener once each time, however often it is tried in between. */
export class Availability {
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
    if (!(error instanceof pg.DatabaseError) || connectionErrorClasses.test(error.code ?? ''))
      this.lost(error)
    return new StorageError('PostgreSQL', error)
  }
}
