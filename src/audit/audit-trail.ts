import { setImmediate as nextTurn } from 'node:timers/promises'
import { clockErrorMilliseconds } from '../primitives/clock.ts'
import { networkOf } from '../web/client-network.ts'
import type { AuditEntry, AuditEvent, AuditEventName } from './audit-event.ts'
import {
  type AuditFilter,
  type AuditPlace,
  type FoundEntry,
  isOneCondition,
  matches
} from './audit-filter.ts'
import type { AuditStore, EventsOf } from './audit-store.ts'

export interface AuditLog {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface AuditTrailOptions {
  readonly store: AuditStore
  readonly log: AuditLog
  /** In milliseconds. */
  readonly retention: number
  readonly now?: () => number
  /** Called for every event, including repeated ones. */
  readonly onEvent?: (event: AuditEventName) => void
}

/** A page of what a filter finds, the latest first, with cursors where there may be more. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[]
  /** Of those before: a `before`. */
  readonly next: string | undefined
  /** Of those after: an `after`. */
  readonly previous: string | undefined
}

const sweepEveryMilliseconds = 3_600_000
/** How many events are deleted in one statement. */
const batchSize = 500
/** How many events a search reads at once; a page of it gives up after so many times. */
const searchSize = 500
const searchesForPage = 20
const repeatedWithinMilliseconds = 60_000

/** Events as rows in the database and as structured log lines (ASVS 16.3.1). */
export class AuditTrail {
  readonly #store: AuditStore
  readonly #log: AuditLog
  readonly #retention: number
  readonly #now: () => number
  readonly #onEvent: (event: AuditEventName) => void
  readonly #sweeping: NodeJS.Timeout
  readonly #repeatable = new Map<string, number>()

  constructor({ store, log, retention, now = Date.now, onEvent = () => {} }: AuditTrailOptions) {
    this.#store = store
    this.#log = log
    this.#retention = retention
    this.#now = now
    this.#onEvent = onEvent
    this.#sweeping = setInterval(() => this.sweep(), sweepEveryMilliseconds).unref()
  }

  /**
   * Records an event. It has happened already, so a failing database does not undo it: then the log has both
   * the event and the failure. A throttled attempt is written after the response, because the time of the
   * response must not tell whether it was written, which happens once a minute for each existing name and network; so
   * is what the gate refused, once a minute for each account and host.
   */
  async record(event: AuditEvent): Promise<void> {
    this.#onEvent(event.event)
    const place = placeOf(event)
    if (place === undefined) return this.#write(event)
    if (!this.#isRepeated(`${place} ${event.account ?? event.name ?? ''}`))
      setImmediate(() => this.#write(event))
  }

  /** Counts an event that follows one like it so closely that it is not recorded. */
  count(event: AuditEventName): void {
    this.#onEvent(event)
  }

  /**
   * The latest first.
   * @param of the id of an account, or another owner of sessions as `request.requireUser()` gives it; `{ name }`:
   * whoever had that name, also before the account that has it now; undefined: everybody
   */
  list(of: EventsOf, limit: number): Promise<readonly AuditEntry[]> {
    return this.#store.list(of, limit)
  }

  /**
   * All events that a filter finds, the latest first, read in parts as they are asked for.
   * @param stopped nothing more is read: whoever asks for the next event waits as long as none is found
   */
  async *search(filter: AuditFilter, stopped?: AbortSignal): AsyncGenerator<FoundEntry> {
    for await (const some of this.#parts(filter, { size: searchSize }, stopped))
      yield* some.filter(({ entry }) => matches(entry, filter))
  }

  /**
   * A page of what `search` finds. It may be shorter than `limit` though there are more: then it has read 10,000 events in vain,
   * and nobody waits for the rest.
   */
  async page(
    filter: AuditFilter,
    { limit, ...place }: AuditPlace & { readonly limit: number }
  ): Promise<AuditPage> {
    const { after, before } = place
    const { found, rest } = await this.#findSome(filter, { ...place, limit })
    const entries = found.map(({ entry }) => entry)
    const [first, last] = [found[0]?.cursor, found.at(-1)?.cursor]
    if (after === undefined) return { entries, next: rest, previous: before && first }
    // Nothing is left out of the first page.
    if (rest === undefined && found.length < limit) return this.page(filter, { limit })
    return { entries: entries.reverse(), next: first ?? after, previous: rest && (last ?? rest) }
  }

  /** @returns `rest`: the cursor where it goes on, if there may be more */
  async #findSome(filter: AuditFilter, { limit, ...place }: AuditPlace & { readonly limit: number }) {
    const found: FoundEntry[] = []
    const size = isOneCondition(filter) ? limit + 1 : searchSize
    let parts = 0
    for await (const some of this.#parts(filter, { ...place, size })) {
      found.push(...some.filter(({ entry }) => matches(entry, filter)))
      parts += 1
      const isLast = some.length < size
      if (found.length < limit && parts < searchesForPage && !isLast) continue
      if (found.length > limit) return { found: found.slice(0, limit), rest: found[limit - 1]?.cursor }
      return { found, rest: isLast ? undefined : some.at(-1)?.cursor }
    }
    return { found, rest: undefined }
  }

  /** The present time as events have it. */
  now(): number {
    return this.#now()
  }

  /** How many events of some kinds there were. @param span in milliseconds since 1970; the end is not in it */
  countOf(
    events: readonly AuditEventName[],
    span: { readonly from: number; readonly to: number }
  ): Promise<number> {
    return this.#store.count(events, span)
  }

  async *#parts(
    filter: AuditFilter,
    { before, after, size }: AuditPlace & { readonly size: number },
    stopped?: AbortSignal
  ): AsyncGenerator<readonly FoundEntry[]> {
    for (let place: AuditPlace = { before, after }; !stopped?.aborted; ) {
      const some = await this.#store.some(filter, { ...place, limit: size })
      yield some
      if (some.length < size) return
      const cursor = some.at(-1)?.cursor
      place = after === undefined ? { before: cursor } : { after: cursor }
      await nextTurn()
    }
  }

  /** Whether there are events of this name that are another account's. */
  hasOthersNamed(name: string, account: string): Promise<boolean> {
    return this.#store.hasOthersNamed(name, account)
  }

  /**
   * Deletes events a day after their retention time, so that a clock that is wrong meanwhile deletes none too early.
   * Runs every hour by itself, in parts, so that nobody waits for it. A failure is left to the next run.
   */
  async sweep(): Promise<void> {
    const oldest = new Date(this.#now() - this.#retention - clockErrorMilliseconds)
    try {
      while ((await this.#store.deleteBefore(oldest, batchSize)) === batchSize) await nextTurn()
    } catch (error) {
      this.#log.error({ reason: String(error) }, 'The audit trail could not be cleaned up.')
    }
  }

  close(): void {
    clearInterval(this.#sweeping)
  }

  async #write(event: AuditEvent): Promise<void> {
    this.#log.info({ audit: event }, event.event)
    try {
      await this.#store.insert({ at: new Date(this.#now()), ...event })
    } catch (error) {
      this.#log.error({ audit: event, reason: String(error) }, 'The audit trail could not be written.')
    }
  }

  /** A flood must not fill the disk: one line a minute. */
  #isRepeated(key: string): boolean {
    const now = this.#now()
    for (const [key, at] of this.#repeatable) {
      if (at <= now && now - at < repeatedWithinMilliseconds) break
      this.#repeatable.delete(key)
    }
    if (this.#repeatable.has(key)) return true
    this.#repeatable.set(key, now)
    return false
  }
}

/** Where an event may happen any number of times; undefined for an event that is always written. */
function placeOf({ event, address = '', detail = '' }: AuditEvent): string | undefined {
  if (event === 'sign-in-throttled') return networkOf(address)
  return event === 'gate-refused' ? detail : undefined
}
