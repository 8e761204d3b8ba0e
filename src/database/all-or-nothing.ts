import type { Compilable, CompiledQuery, QueryResult } from '#vendor/kysely'
import type { Database } from './database.ts'
import { inTransaction, writeTo } from './sqlite-file.ts'

/** Statements of one transaction, as a generator: it yields each with `run`, and gets the answer. */
export type Statements<T> = Generator<CompiledQuery, T, QueryResult<unknown>>

/** Runs one statement of a transaction. @returns its rows; of a change without RETURNING none */
export function* run<Row>(
  query: Compilable<Row>
): Generator<CompiledQuery, readonly Row[], QueryResult<unknown>> {
  const { rows } = yield query.compile()
  return rows as readonly Row[]
}

/**
 * Runs statements in one transaction. In the embedded database they run without a pause, because sessions use the same
 * connection: whatever they wrote in between would belong to the transaction.
 * @throws {StorageError} then nothing was written
 */
export async function allOrNothing<T>(database: Database, statements: () => Statements<T>): Promise<T> {
  if (database.kind === 'sqlite') {
    const { sqlite } = database
    const execute = ({ sql, parameters }: CompiledQuery) =>
      sqlite.prepare(sql).all(...(parameters as string[]))
    return writeTo(sqlite, () => inTransaction(sqlite, () => runAll(statements(), execute)))
  }
  // What follows a lock sees what was committed before.
  const transaction = database.sql.transaction().setIsolationLevel('read committed')
  return transaction.execute(async (transaction) => {
    const all = statements()
    let step = all.next()
    while (!step.done) step = all.next(await transaction.executeQuery(step.value))
    return step.value
  })
}

function runAll<T>(all: Statements<T>, execute: (query: CompiledQuery) => unknown[]): T {
  let step = all.next()
  while (!step.done) step = all.next({ rows: execute(step.value) })
  return step.value
}
