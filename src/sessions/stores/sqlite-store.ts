import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { GroupCommit } from '../../database/group-commit.ts'
import { readFrom, writeTo } from '../../database/sqlite-file.ts'
import type {
  ListedSession,
  NewSession,
  SessionStore,
  StoredSession,
  TextChange,
  Touch,
  Updated
} from '../session-store.ts'

const sweepEveryMilliseconds = 60_000

/** Sessions in the embedded database, with prepared statements, because every request needs them. */
export class SqliteStore implements SessionStore {
  readonly #database: DatabaseSync
  readonly #now: () => number
  readonly #create: StatementSync
  readonly #load: StatementSync
  readonly #update: StatementSync
  readonly #changeOwner: StatementSync
  readonly #touch: StatementSync
  readonly #revoke: StatementSync
  readonly #listByUser: StatementSync
  readonly #revokeAllOf: StatementSync
  readonly #keys: StatementSync
  readonly #revokeEverything: StatementSync
  readonly #sweep: StatementSync
  readonly #sweeping: NodeJS.Timeout
  readonly #updates: GroupCommit<ReturnType<StatementSync['all']>>

  constructor(database: DatabaseSync, now: () => number = Date.now) {
    this.#database = database
    this.#now = now
    this.#updates = new GroupCommit(database)
    this.#create = database.prepare(
      'INSERT INTO sessions (key, record, owner, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'
    )
    this.#load = database.prepare('SELECT record, expires_at FROM sessions WHERE key = ? AND expires_at > ?')
    this.#update = database.prepare(
      'UPDATE sessions SET record = ? WHERE key = ? AND record = ? AND expires_at > ? RETURNING expires_at'
    )
    this.#changeOwner = database.prepare(
      'UPDATE sessions SET record = ?, owner = ? WHERE key = ? AND record = ? AND expires_at > ? RETURNING expires_at'
    )
    this.#touch = database.prepare('UPDATE sessions SET expires_at = ? WHERE key = ? AND expires_at > ?')
    this.#revoke = database.prepare('DELETE FROM sessions WHERE key = ? AND expires_at > ?')
    this.#listByUser = database.prepare(
      'SELECT key, record, expires_at FROM sessions WHERE owner = ? AND expires_at > ?'
    )
    this.#revokeAllOf = database.prepare(
      'DELETE FROM sessions WHERE owner = ? AND key IS NOT ? AND expires_at > ? RETURNING key'
    )
    this.#keys = database.prepare('SELECT key FROM sessions WHERE expires_at > ?')
    this.#revokeEverything = database.prepare('DELETE FROM sessions WHERE expires_at > ?')
    this.#sweep = database.prepare('DELETE FROM sessions WHERE expires_at <= ?')
    this.#sweeping = setInterval(() => this.sweep(), sweepEveryMilliseconds).unref()
  }

  async create(key: string, { text, expiresAt, owner }: NewSession): Promise<boolean> {
    const { changes } = await this.#write(() => this.#create.run(key, text, owner ?? null, expiresAt))
    return changes === 1
  }

  async load(key: string): Promise<StoredSession | undefined> {
    const row = readFrom(this.#database, () => this.#load.get(key, this.#now()))
    return row && { text: String(row.record), expiresAt: Number(row.expires_at) }
  }

  async update(key: string, change: TextChange): Promise<Updated> {
    const [row] = await this.#updates.run(() => this.#replace(key, change))
    if (row) return { outcome: 'stored', stored: { text: change.to, expiresAt: Number(row.expires_at) } }
    const current = await this.load(key)
    return current ? { outcome: 'conflict', text: current.text } : { outcome: 'gone' }
  }

  async touch(key: string, { expiresAt }: Touch): Promise<void> {
    await this.#write(() => this.#touch.run(expiresAt, key, this.#now()))
  }

  async revoke(key: string): Promise<boolean> {
    const { changes } = await this.#write(() => this.#revoke.run(key, this.#now()))
    return changes === 1
  }

  async listByUser(name: string): Promise<readonly ListedSession[]> {
    const rows = readFrom(this.#database, () => this.#listByUser.all(name, this.#now()))
    return rows.map((row) => ({
      key: String(row.key),
      text: String(row.record),
      expiresAt: Number(row.expires_at)
    }))
  }

  async revokeAllOf(name: string, except?: string): Promise<readonly string[]> {
    const ended = await this.#write(() => this.#revokeAllOf.all(name, except ?? null, this.#now()))
    return ended.map(({ key }) => String(key))
  }

  async *keys(): AsyncGenerator<string> {
    const rows = readFrom(this.#database, () => this.#keys.all(this.#now()))
    for (const { key } of rows) yield String(key)
  }

  async revokeEverything(): Promise<number> {
    const { changes } = await this.#write(() => this.#revokeEverything.run(this.#now()))
    return Number(changes)
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping)
  }

  /**
   * Deletes expired sessions; runs every minute by itself. They are refused with or without it, so a failure
   * is left to the next run.
   */
  sweep(): void {
    try {
      this.#sweep.run(this.#now())
    } catch {}
  }

  #write<T>(write: () => T): Promise<T> {
    return writeTo(this.#database, write)
  }

  /** `all`, not `get`, which would stop at the first row and hide a failing commit. */
  #replace(key: string, { from, to, ownerChange }: TextChange) {
    if (ownerChange) return this.#changeOwner.all(to, ownerChange.to ?? null, key, from, this.#now())
    return this.#update.all(to, key, from, this.#now())
  }
}
