import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler
} from '#vendor/kysely'
import { memoize } from '../primitives/memoize.ts'
import { readFrom, writeTo } from './sqlite-file.ts'

/** Statements. There are fewer, because values are parameters. */
const maxPrepared = 200

interface Prepared {
  readonly statement: StatementSync
  readonly answersRows: boolean
}

/** Kysely's SQLite dialect over one connection of `node:sqlite`. Every failure is a StorageError. */
export class NodeSqliteDialect implements Dialect {
  readonly #database: DatabaseSync

  constructor({ database }: { database: DatabaseSync }) {
    this.#database = database
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#database)
  }

  createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler()
  }

  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db)
  }
}

/** Kysely runs one query, or one transaction, at a time on the connection. */
class NodeSqliteDriver implements Driver {
  readonly #database: DatabaseSync
  readonly #connection: DatabaseConnection

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#connection = new NodeSqliteConnection(database)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }

  async releaseConnection(): Promise<void> {}

  /**
   * Takes the write lock at the start of a transaction: of two at the same time one waits, instead of failing
   * midway.
   */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  async destroy(): Promise<void> {
    this.#database.close()
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #prepared: (sql: string) => Prepared

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#prepared = memoize(maxPrepared, (sql: string) => {
      const statement = database.prepare(sql)
      return { statement, answersRows: statement.columns().length > 0 }
    })
  }

  async executeQuery<Row>({ query, sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const run = (): QueryResult<Row> => {
      const { statement, answersRows } = this.#prepared(sql)
      const values = parameters as SQLInputValue[]
      if (answersRows) return { rows: statement.all(...values) as Row[] }
      return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) }
    }
    return SelectQueryNode.is(query) ? readFrom(this.#database, run) : writeTo(this.#database, run)
  }

  streamQuery(): never {
    throw new Error('Streaming is not supported.')
  }
}

/** SQLite rolls back changes of tables too; Kysely's own adapter does not use that. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): true {
    return true
  }
}
