import { randomUUID } from 'node:crypto'
import type { CompiledQuery, ExpressionBuilder, Kysely } from '#vendor/kysely'
import { compileOnce } from '../database/compile-once.ts'
import type { AuditTable, Tables } from '../database/tables.ts'
import { nameOfOwnerKey } from '../identity/owner-key.ts'
import type { Actor, AuditEntry, AuditEventName } from './audit-event.ts'
import type { AuditFilter, AuditPlace, FoundEntry } from './audit-filter.ts'

/** An owner of sessions (see ownerKeyOf), whoever had this name, or everybody. */
export type EventsOf = string | { readonly name: string } | undefined

/** The audit trail in SQL. Every method throws StorageError when the database cannot answer. */
export class AuditStore {
  readonly #db: Kysely<Tables>
  readonly #insert: (row: AuditTable) => CompiledQuery

  constructor(db: Kysely<Tables>) {
    this.#db = db
    this.#insert = compileOnce((row) => {
      const { id, at, event, name, account, address, session, former_name, detail, reason } = row
      const { actor_kind, actor_name, actor_account } = row
      const actor = { actor_kind, actor_name, actor_account }
      const said = { former_name, detail, reason }
      const values = { id, at, event, name, account, ...actor, address, session, ...said }
      return db.insertInto('audit').values(values)
    })
  }

  async insert(entry: AuditEntry): Promise<void> {
    const { at, event, name, formerName, account, by, address, session, detail, reason } = entry
    const row = {
      id: randomUUID(),
      at: at.getTime(),
      event,
      name: name ?? null,
      account: account ?? null,
      actor_kind: by?.kind ?? null,
      actor_name: by?.kind === 'account' ? by.name : null,
      actor_account: (by?.kind === 'account' && by.id) || null,
      address: address ?? null,
      session: session ?? null,
      former_name: formerName ?? null,
      detail: storable(detail),
      reason: storable(reason)
    }
    await this.#db.executeQuery(this.#insert(row))
  }

  /** The latest first. @param of see AuditTrail.list */
  async list(of: EventsOf, limit: number): Promise<readonly AuditEntry[]> {
    const all = this.#db.selectFrom('audit').selectAll()
    const wanted = all.where((row) => conditionOf(row, of))
    const rows = await wanted.orderBy('at', 'desc').limit(limit).execute()
    return rows.map(toEntry)
  }

  /**
   * The latest first, or after a cursor the earliest first, by the one condition that has the fewest events: whoever asks looks
   * for the others. So no question reads more than `limit` rows.
   */
  async some(
    filter: AuditFilter,
    { before, after, limit }: AuditPlace & { readonly limit: number }
  ): Promise<readonly FoundEntry[]> {
    const { from, to } = filter
    let wanted = this.#db.selectFrom('audit').selectAll()
    const condition = narrowestOf(filter)
    if (condition) wanted = wanted.where(condition.column, '=', condition.value)
    if (from) wanted = wanted.where('at', '>=', from.getTime())
    if (to) wanted = wanted.where('at', '<', to.getTime())
    const order = after === undefined ? 'desc' : 'asc'
    const cursor = after ?? before
    if (cursor !== undefined) {
      const [time = '', id = ''] = cursor.split('.')
      const at = Number(time)
      const past = order === 'asc' ? '>' : '<'
      // The first condition is what an index helps with.
      wanted = wanted
        .where('at', `${past}=`, at)
        .where((row) => row.or([row('at', past, at), row('id', past, id)]))
    }
    const rows = await wanted.orderBy('at', order).orderBy('id', order).limit(limit).execute()
    return rows.map((row) => ({ entry: toEntry(row), cursor: `${row.at}.${row.id}` }))
  }

  /** How many events there are of some kinds in a span of time, by an index alone. */
  async count(
    events: readonly AuditEventName[],
    { from, to }: { readonly from: number; readonly to: number }
  ) {
    const { count } = await this.#db
      .selectFrom('audit')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('event', 'in', events)
      .where('at', '>=', from)
      .where('at', '<', to)
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  /** Whether there are events of this name that are another account's. */
  async hasOthersNamed(name: string, account: string): Promise<boolean> {
    const others = this.#db
      .selectFrom('audit')
      .select('id')
      .where('name', '=', name)
      .where((row) => row.or([row('account', '<>', account), row('account', 'is', null)]))
    return (await others.limit(1).execute()).length > 0
  }

  /** Deletes some events, the oldest first. @returns how many; fewer than the limit: no older one is left */
  async deleteBefore(oldest: Date, limit: number): Promise<number> {
    const old = this.#db.selectFrom('audit').select('id').where('at', '<', oldest.getTime())
    const some = old.orderBy('at').limit(limit)
    const { numDeletedRows } = await this.#db.deleteFrom('audit').where('id', 'in', some).executeTakeFirst()
    return Number(numDeletedRows)
  }
}

/** PostgreSQL takes no NUL: an event must not be missing because somebody wrote one. */
function storable(text: string | undefined): string | null {
  return text?.replaceAll('\0', '\ufffd') ?? null
}

/** Events of users whom an app knows by a name alone have no account. */
function conditionOf(row: ExpressionBuilder<Tables, 'audit'>, of: EventsOf) {
  if (of === undefined) return row.lit(true)
  if (typeof of === 'object') return row.or([row('name', '=', of.name), row('former_name', '=', of.name)])
  const name = nameOfOwnerKey(of)
  return name === undefined
    ? row('account', '=', of)
    : row.and([row('name', '=', name), row('account', 'is', null)])
}

function narrowestOf({ address, by, account, name, event }: AuditFilter) {
  if (address !== undefined) return { column: 'address', value: address } as const
  if (by !== undefined) return { column: 'actor_account', value: by } as const
  if (account !== undefined) return { column: 'account', value: account } as const
  if (name !== undefined) return { column: 'name', value: name } as const
  return event === undefined ? undefined : ({ column: 'event', value: event } as const)
}

function toEntry(row: AuditTable): AuditEntry {
  const { at, event, name, account, address, session, former_name: formerName, detail, reason } = row
  const by = actorOf(row)
  return {
    at: new Date(Number(at)),
    event: event as AuditEventName,
    ...(name !== null && { name }),
    ...(formerName !== null && { formerName }),
    ...(account !== null && { account }),
    ...(by && { by }),
    ...(address !== null && { address }),
    ...(session !== null && { session }),
    ...(detail !== null && { detail }),
    ...(reason !== null && { reason })
  }
}

function actorOf({ actor_kind: kind, actor_name: name, actor_account: id }: AuditTable): Actor | undefined {
  if (kind === null) return undefined
  return kind === 'account' ? { kind, ...(id !== null && { id }), name: name ?? '' } : { kind }
}
