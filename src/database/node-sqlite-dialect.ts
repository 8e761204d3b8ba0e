import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver
} from 'kysely'
import { orStorageError } from './sqlite-errors.ts'

/** Kysely's SQLite dialect over `node:sqlite`, whose statements lack the two things better-sqlite3's have. */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #database: SqliteDatabase

  constructor({ database }: { database: DatabaseSync }) {
    const adapted = adapt(database)
    super({ database: adapted })
    this.#database = adapted
  }

  override createDriver(): Driver {
    return new ImmediateDriver({ database: this.#database })
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}

/** Takes the write lock when a transaction begins: two that begin together wait instead of failing midway. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

/** SQLite rolls back changes of tables like any other; Kysely's own adapter leaves that unused. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): true {
    return true
  }
}

function adapt(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare: (sql) =>
      orStorageError(() => {
        const statement = database.prepare(sql)
        return {
          reader: statement.columns().length > 0,
          all: (values) => orStorageError(() => statement.all(...(values as SQLInputValue[]))),
          run: (values) => orStorageError(() => statement.run(...(values as SQLInputValue[]))),
          iterate: (values) => statement.iterate(...(values as SQLInputValue[]))
        }
      })
  }
}
