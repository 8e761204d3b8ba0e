import pg from 'pg'
import type { PostgresPool, PostgresPoolClient } from '#vendor/kysely'
import { StorageError } from '../errors/errors.ts'
import { startPatience, withPatience } from '../primitives/patience.ts'
import type { PostgresListener } from './postgres-listener.ts'
import { refusalOf } from './refusals.ts'

export interface PoolWatch {
  readonly availability: Availability
  /** Runs before each connection, and makes the pool when all is ready. */
  ready(): Promise<pg.Pool>
  /** How statements are sent. */
  queryOf(client: pg.PoolClient): Query
  /** Timeouts for a connection and for an answer, in milliseconds. */
  readonly connectPatience: number
  readonly answerPatience: number
}

export type Query = (text: string, values: readonly unknown[]) => Promise<unknown>

/**
 * A pool of `pg` for Kysely. Every failure is a StorageError, no lost connection ends the process, and a
 * connection that may still be busy is not reused.
 */
export function reportingPool(watch: PoolWatch, end: () => Promise<void>): PostgresPool {
  const { availability, ready, connectPatience } = watch
  return {
    options: {},
    end,
    async connect() {
      try {
        const pool = await ready()
        const connecting = pool.connect()
        const tooLate = () => {
          // The caller has given up waiting for it.
          connecting.then((late) => late.release(), nothing)
          return new Error(`no connection for ${connectPatience} ms`)
        }
        const client = await withPatience(connectPatience, connecting, tooLate, () => availability.signs)
        return checkOut(client, watch)
      } catch (cause) {
        throw availability.failed(cause)
      }
    }
  }
}

/** The listeners without which a lost connection ends the process. */
export function watched(pool: pg.Pool, availability: Availability): pg.Pool {
  pool.on('error', (error) => availability.lost(error))
  // The pool does not listen to a connection that is checked out; the query on it fails by itself.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/**
 * A client that gives up connecting when the server is silent for so long. (`pg`'s own timeouts count time in
 * which the process was blocked, and then take the server for dead.)
 * @param patience in milliseconds
 * @param onSign called for every message of the handshake
 */
export function clientWithPatience(patience: number, onSign = nothing): typeof pg.Client {
  return class extends pg.Client {
    override connect(): Promise<this>
    override connect(callback: (error: Error) => void): void
    override connect(callback?: (error: Error) => void): Promise<this> | undefined {
      const giveUp = () => this.connection.stream.destroy(new Error(`no connection for ${patience} ms`))
      let signs = 0
      const heard = () => {
        signs += 1
        onSign()
      }
      const stop = startPatience(patience, giveUp, () => signs)
      this.connection.on('message', heard)
      this.once('end', stop)
      this.connection.once('readyForQuery', () => {
        stop()
        this.connection.off('message', heard)
      })
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
function checkOut(client: pg.PoolClient, watch: PoolWatch): PostgresPoolClient {
  const { availability, answerPatience } = watch
  const send = watch.queryOf(client)
  let isUsable = true
  const query = async (text: string, values: readonly unknown[]) => {
    try {
      const result = await withPatience(
        answerPatience,
        send(text, values),
        () => new Error(`no answer for ${answerPatience} ms`)
      )
      availability.back()
      return result
    } catch (cause) {
      // With an error from the server the connection is ready for the next query; otherwise its state is
      // unknown.
      isUsable = cause instanceof pg.DatabaseError && cause.severity === 'ERROR'
      throw availability.failed(cause, { mayBeDone: !isUsable })
    }
  }
  const release = (destroy = false) => client.release(destroy || !isUsable)
  // Kysely calls it with a cursor too, but only if it was given one.
  return { query: query as unknown as PostgresPoolClient['query'], release }
}

/** Tells the listener once each time, however many attempts fail in between. */
export class Availability {
  readonly #listener: PostgresListener
  #told: 'away' | 'refuses' | undefined
  /** Grows with everything that the server answers. */
  signs = 0

  constructor(listener: PostgresListener) {
    this.#listener = listener
  }

  lost(error: Error): void {
    const refusal = refusalOf(error)
    const what = refusal ? 'refuses' : 'away'
    if (this.#told !== what) this.#listener.onLost(refusal ?? error)
    this.#told = what
  }

  back(): void {
    this.signs += 1
    if (this.#told) this.#listener.onBack()
    this.#told = undefined
  }

  /** An error of a statement does not mean that the server is down, unless it says so. */
  failed(cause: unknown, outcome?: { readonly mayBeDone: boolean }): StorageError {
    // For a name with several addresses, each has failed.
    const error = cause instanceof AggregateError ? cause.errors[0] : cause
    const isOfStatement = error instanceof pg.DatabaseError && error.severity === 'ERROR'
    if (!isOfStatement || connectionErrorClasses.test(error.code ?? '')) this.lost(error)
    return new StorageError('PostgreSQL', error, outcome)
  }
}
