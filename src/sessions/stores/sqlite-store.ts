import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { GroupCommit } from '../../database/group-commit.ts'
import { readFrom, writeTo } from '../../database/sqlite-file.ts'
import { processClock } from '../../primitives/clock.ts'
import type {
  NewSession,
  PageRequest,
  SessionPage,
  SessionStore,
  StoredSession,
  TextChange,
  Touch,
  Updated
} from '../session-store.ts'
import { fillPage } from './fill-page.ts'
import { type JudgedRow, judged, judgedColumns, SqliteEndings } from './sqlite-endings.ts'

const sweepEveryMilliseconds = 60_000
/** How many sessions are deleted in one statement: a few milliseconds, most of them the wait for the disk. */
const batchSize = 25
/** How many keys are read in one statement. */
const keysAtOnce = 1000

/** Pages in both orders: the later of two uses in the same millisecond is the one in the later row. */
const pages = {
  'last used': `
    SELECT rowid AS place, used_at, ${judgedColumns} FROM sessions
    WHERE owner = ? AND (used_at, rowid) < (?, ?) ORDER BY used_at DESC, rowid DESC LIMIT ?`,
  'longest unused': `
    SELECT rowid AS place, used_at, ${judgedColumns} FROM sessions
    WHERE owner = ? AND (used_at, rowid) > (?, ?) ORDER BY used_at, rowid LIMIT ?`
}
const beginnings = { 'last used': Number.MAX_SAFE_INTEGER, 'longest unused': -1 }

/** Sessions in the embedded database, with prepared statements, because every request needs them. */
export class SqliteStore implements SessionStore {
  readonly #database: DatabaseSync
  readonly #now: () => number
  readonly #create: StatementSync
  readonly #load: StatementSync
  readonly #update: StatementSync
  readonly #changeOwner: StatementSync
  readonly #touch: StatementSync
  readonly #expire: StatementSync
  readonly #revoke: StatementSync
  readonly #pages: Readonly<Record<keyof typeof pages, StatementSync>>
  readonly #count: StatementSync
  readonly #revokeOf: StatementSync
  readonly #revokeSome: StatementSync
  readonly #keys: StatementSync
  readonly #revokeEverything: StatementSync
  readonly #sweep: StatementSync
  readonly #sweeping: NodeJS.Timeout
  readonly #endings: SqliteEndings
  readonly #updates: GroupCommit<ReturnType<StatementSync['all']>>

  constructor(database: DatabaseSync, now: () => number = processClock) {
    this.#database = database
    this.#now = now
    this.#updates = new GroupCommit(database)
    this.#endings = new SqliteEndings(database)
    this.#create = database.prepare(
      'INSERT INTO sessions (key, record, owner, expires_at, used_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'
    )
    this.#load = database.prepare(`SELECT ${judgedColumns} FROM sessions WHERE key = ?`)
    this.#update = database.prepare(
      'UPDATE sessions SET record = ? WHERE key = ? AND record = ? AND expires_at > ? RETURNING expires_at'
    )
    this.#changeOwner = database.prepare(
      'UPDATE sessions SET record = ?, owner = ?, used_at = ? WHERE key = ? AND record = ? AND expires_at > ? RETURNING expires_at'
    )
    this.#touch = database.prepare(
      'UPDATE sessions SET expires_at = ?, used_at = ? WHERE key = ? AND expires_at > ?'
    )
    this.#expire = database.prepare('DELETE FROM sessions WHERE key = ? AND record = ? AND expires_at = ?')
    // What is over is deleted with the rest: a clock that is set back must not open it again.
    this.#revoke = database.prepare('DELETE FROM sessions WHERE key = ? RETURNING record, expires_at')
    this.#pages = {
      'last used': database.prepare(pages['last used']),
      'longest unused': database.prepare(pages['longest unused'])
    }
    this.#count = database.prepare(
      'SELECT count(*) AS counted FROM (SELECT 1 FROM sessions WHERE owner = ? LIMIT ?)'
    )
    this.#revokeOf = database.prepare('DELETE FROM sessions WHERE key = ? AND owner = ? RETURNING expires_at')
    this.#revokeSome = database.prepare(
      `DELETE FROM sessions WHERE rowid IN (SELECT rowid FROM sessions WHERE owner = ? AND key IS NOT ? LIMIT ?)
       RETURNING key, expires_at`
    )
    this.#keys = database.prepare('SELECT key, expires_at FROM sessions WHERE key > ? ORDER BY key LIMIT ?')
    this.#revokeEverything = database.prepare(
      'DELETE FROM sessions WHERE rowid IN (SELECT rowid FROM sessions LIMIT ?) RETURNING expires_at'
    )
    this.#sweep = database.prepare(
      'DELETE FROM sessions WHERE rowid IN (SELECT rowid FROM sessions WHERE expires_at <= ? LIMIT ?)'
    )
    this.#sweeping = setInterval(() => this.sweep(), sweepEveryMilliseconds).unref()
  }

  async create(key: string, { text, expiresAt, owner }: NewSession): Promise<boolean> {
    const { changes } = await this.#write(() =>
      this.#create.run(key, text, owner ?? null, expiresAt, this.#now())
    )
    return changes === 1
  }

  async load(key: string): Promise<StoredSession | undefined> {
    const row = readFrom(this.#database, () => this.#load.get(key))
    const session = row && judged(row)
    if (!session) return undefined
    const { key: _, ...found } = session
    if (found.expiresAt > this.#now()) return found
    // A store that takes no writes can still tell that it is over.
    await this.expire(key, found).catch(() => {})
    return undefined
  }

  async update(key: string, change: TextChange): Promise<Updated> {
    const [row] = await this.#updates.run(() => this.#replace(key, change))
    if (row) return { outcome: 'stored', stored: { text: change.to, expiresAt: Number(row.expires_at) } }
    const current = await this.load(key)
    return current ? { outcome: 'conflict', text: current.text } : { outcome: 'gone' }
  }

  async touch(key: string, { expiresAt }: Touch): Promise<void> {
    await this.#write(() => this.#touch.run(expiresAt, this.#now(), key, this.#now()))
  }

  async expire(key: string, { text, expiresAt }: StoredSession): Promise<void> {
    await this.#write(() => this.#expire.run(key, text, expiresAt))
  }

  async revoke(key: string): Promise<string | undefined> {
    const [ended] = await this.#write(() => this.#revoke.all(key))
    return ended && this.#wasOpen(ended) ? String(ended.record) : undefined
  }

  async revokeOf(owner: string, key: string): Promise<boolean> {
    const [ended] = await this.#write(() => this.#revokeOf.all(key, owner))
    return ended !== undefined && this.#wasOpen(ended)
  }

  page(owner: string, request: PageRequest): Promise<SessionPage> {
    const { order = 'last used' } = request
    const beginning = beginnings[order]
    return fillPage(async (after = `${beginning}.${beginning}`, size) => {
      const [usedAt, place] = after.split('.').map(Number)
      const rows = readFrom(this.#database, () =>
        this.#pages[order].all(owner, usedAt ?? 0, place ?? beginning, size)
      )
      await nextTurn()
      return rows.map((row) => ({ cursor: `${row.used_at}.${row.place}`, session: this.#unlessExpired(row) }))
    }, request)
  }

  async count(owner: string, limit: number): Promise<number> {
    return Number(readFrom(this.#database, () => this.#count.get(owner, limit))?.counted)
  }

  async endAllOf(owner: string, except?: string): Promise<number | undefined> {
    return this.#write(() => this.#endings.endAllOf(owner, except))
  }

  async epochOfName(owner: string, arrivedAt?: number): Promise<number> {
    return readFrom(this.#database, () => this.#endings.epochOfName(owner, arrivedAt))
  }

  async revokeSome(owner: string, except?: string, below?: number): Promise<readonly string[]> {
    if (below !== undefined) return this.#revokeBelow(owner, except, below)
    for (;;) {
      const deleted = await this.#write(() => this.#revokeSome.all(owner, except ?? null, batchSize))
      await nextTurn()
      const ended = deleted.filter((row) => this.#wasOpen(row))
      if (ended.length > 0 || deleted.length === 0) return ended.map(({ key }) => String(key))
    }
  }

  async #revokeBelow(owner: string, except: string | undefined, below: number): Promise<readonly string[]> {
    for (let [usedAt, place] = [-1, -1]; ; ) {
      const rows = readFrom(this.#database, () =>
        this.#pages['longest unused'].all(owner, usedAt, place, batchSize)
      )
      const ended = await this.#write(() => this.#endings.deleteBelow(rows, { except, below }))
      await nextTurn()
      const last = rows.at(-1)
      if (ended.length > 0 || !last) return ended
      usedAt = Number(last.used_at)
      place = Number(last.place)
    }
  }

  async *keys(): AsyncGenerator<string> {
    for (let last = ''; ; ) {
      const rows = readFrom(this.#database, () => this.#keys.all(last, keysAtOnce))
      for (const { key, expires_at } of rows) {
        last = String(key)
        if (Number(expires_at) > this.#now()) yield last
      }
      if (rows.length < keysAtOnce) return
      await nextTurn()
    }
  }

  async revokeEverything(): Promise<number> {
    for (let ended = 0; ; ) {
      const deleted = await this.#write(() => this.#revokeEverything.all(batchSize))
      ended += deleted.filter((row) => this.#wasOpen(row)).length
      if (deleted.length < batchSize) return ended
      await nextTurn()
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping)
  }

  /**
   * Deletes expired sessions in parts; runs every minute by itself. They are refused with or without it, so a
   * failure is left to the next run.
   */
  async sweep(): Promise<void> {
    try {
      while (this.#sweep.run(this.#now(), batchSize).changes === batchSize) await nextTurn()
    } catch {}
  }

  #wasOpen(row: Record<string, unknown>): boolean {
    return Number(row.expires_at) > this.#now()
  }

  #unlessExpired(row: Readonly<Record<string, unknown>>): JudgedRow | undefined {
    return this.#wasOpen(row) ? judged(row) : undefined
  }

  #write<T>(write: () => T): Promise<T> {
    return writeTo(this.#database, write)
  }

  /** `all`, not `get`, which would stop at the first row and hide a failing commit. */
  #replace(key: string, { from, to, ownerChange }: TextChange) {
    if (ownerChange)
      return this.#changeOwner.all(to, ownerChange.to ?? null, this.#now(), key, from, this.#now())
    return this.#update.all(to, key, from, this.#now())
  }
}
