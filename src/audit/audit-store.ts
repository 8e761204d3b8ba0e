import { randomUUID } from 'node:crypto'
import type { CompiledQuery, Kysely } from 'kysely'
import { compileOnce } from '../database/compile-once.ts'
import type { AuditTable, Tables } from '../database/tables.ts'
import type { Actor, AuditEntry, AuditEventName } from './audit-event.ts'

/** The audit trail in SQL. Every method throws StorageError when the database cannot answer. */
export class AuditStore {
  readonly #db: Kysely<Tables>
  readonly #insert: (row: AuditTable) => CompiledQuery

  constructor(db: Kysely<Tables>) {
    this.#db = db
    this.#insert = compileOnce(({ id, at, event, name, actor_kind, actor_name, address, session }) =>
      db.insertInto('audit').values({ id, at, event, name, actor_kind, actor_name, address, session })
    )
  }

  async insert({ at, event, name, by, address, session }: AuditEntry): Promise<void> {
    const row = {
      id: randomUUID(),
      at: at.getTime(),
      event,
      name: name ?? null,
      actor_kind: by?.kind ?? null,
      actor_name: by?.kind === 'account' ? by.name : null,
      address: address ?? null,
      session: session ?? null
    }
    await this.#db.executeQuery(this.#insert(row))
  }

  /** The latest first. */
  async list(name: string | undefined, limit: number): Promise<readonly AuditEntry[]> {
    const all = this.#db.selectFrom('audit').selectAll()
    const wanted = name === undefined ? all : all.where('name', '=', name)
    const rows = await wanted.orderBy('at', 'desc').limit(limit).execute()
    return rows.map(toEntry)
  }

  async deleteBefore(oldest: Date): Promise<void> {
    await this.#db.deleteFrom('audit').where('at', '<', oldest.getTime()).execute()
  }
}

function toEntry(row: AuditTable): AuditEntry {
  const { at, event, name, address, session } = row
  const by = actorOf(row)
  return {
    at: new Date(Number(at)),
    event: event as AuditEventName,
    ...(name !== null && { name }),
    ...(by && { by }),
    ...(address !== null && { address }),
    ...(session !== null && { session })
  }
}

function actorOf({ actor_kind: kind, actor_name: name }: AuditTable): Actor | undefined {
  if (kind === null) return undefined
  return kind === 'account' ? { kind, name: name ?? '' } : { kind }
}
