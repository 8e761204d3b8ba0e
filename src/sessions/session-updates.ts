import { ownerKeyOf } from '../identity/owner-key.ts'
import type { Clock } from '../primitives/clock.ts'
import { KeyedMutex } from '../primitives/keyed-mutex.ts'
import { type SessionLifetimes, storeExpiry } from './lifetimes.ts'
import {
  changesLifetime,
  genOf,
  handedOver,
  isHandover,
  mergeChange,
  type RecordChange
} from './record-change.ts'
import type { SessionAddress } from './session-keys.ts'
import {
  firstFields,
  isOpenedBy,
  type ReservedFields,
  reservedOf,
  type SessionRecord
} from './session-record.ts'
import type { OwnerChange, SessionStore, TextChange } from './session-store.ts'
import { recordIn, textOf } from './session-text.ts'

export interface SessionUpdatesOptions {
  readonly store: SessionStore
  readonly lifetimes: SessionLifetimes
  readonly now: Clock
}

interface Changed {
  readonly key: string
  readonly record: SessionRecord
}

/** Changes sessions under their keys, by compare-and-set of the whole text. */
export class SessionUpdates {
  readonly #store: SessionStore
  readonly #lifetimes: SessionLifetimes
  readonly #now: Clock
  /** Updates of one session run in order, so that only other processes can conflict. */
  readonly #inOrder = new KeyedMutex()

  constructor({ store, lifetimes, now }: SessionUpdatesOptions) {
    this.#store = store
    this.#lifetimes = lifetimes
    this.#now = now
  }

  /** See `Sessions.update`. */
  async update(address: SessionAddress, change: RecordChange): Promise<SessionRecord | undefined> {
    const { key } = address
    const whole = await this.#withReserved(change)
    const updated = await this.#inOrder.run(key, () => this.#merge(address, whole))
    if (updated && (changesLifetime(change) || isHandover(change)))
      await this.touch(updated.key, updated.record)
    return updated?.record
  }

  touch(key: string, session: SessionRecord): Promise<void> {
    return this.#store.touch(key, { expiresAt: this.storeExpiry(session), owner: ownerKeyOf(session) })
  }

  ownerChange(from: string | undefined, after: SessionRecord): OwnerChange | undefined {
    const to = ownerKeyOf(after)
    return from === to ? undefined : { from, to, expiresAt: this.storeExpiry(after) }
  }

  /** The store expiry of a session that is used now. */
  storeExpiry(session: SessionRecord): number {
    const now = this.#now()
    return storeExpiry({ startedAt: now, ...session }, this.#lifetimes, now)
  }

  /**
   * The era and, of a name without an account, the epoch of a session that begins.
   * @param arrivedAt when the request began, by `performance.now()`; undefined: without a request
   */
  async beginning(record: Readonly<SessionRecord>, arrivedAt?: number): Promise<ReservedFields> {
    const owner = ownerKeyOf(record)
    // One that goes on under another key is of the epoch that it had.
    const isFirst = record.startedAt === undefined && record.epoch === undefined
    const isOfName = owner !== undefined && record.account === undefined
    const epoch = isFirst && isOfName ? await this.#store.epochOfName?.(owner, arrivedAt) : undefined
    // Asking may have told of another one.
    const { era = 0 } = this.#store
    return { ...(epoch && { epoch }), ...(era > 0 && record.era === undefined && { era }) }
  }

  async #withReserved(change: RecordChange): Promise<RecordChange> {
    const { before, after, arrivedAt } = change
    if (!isHandover(change)) return change
    const handed = handedOver({ ...after, ...reservedOf(before) }, this.#now())
    const { startedAt, ...begun } = handed
    return { before, after: startingWith(handed, await this.beginning(begun, arrivedAt)) }
  }

  async #merge(address: SessionAddress, change: RecordChange): Promise<Changed | undefined> {
    const { before, after, texts } = change
    const ownerChange = this.ownerChange(ownerKeyOf(before), after)
    let { key } = address
    let textChange: TextChange = {
      from: texts?.before ?? textOf(before),
      to: texts?.after ?? textOf(after),
      // Parsed anew, unless the text was made of it.
      record: texts && after,
      ownerChange
    }
    for (;;) {
      const updated = await this.#store.update(key, textChange)
      if (updated.outcome === 'stored') return { key, record: after }
      if (updated.outcome === 'gone') return undefined
      const theirs = recordIn(updated.text)
      if (!mayChange(theirs, { change, address })) return undefined
      if (theirs.movedTo !== undefined) {
        key = theirs.movedTo
        continue
      }
      const isLater = genOf(theirs) !== genOf(before)
      const merged = mergeChange(isLater ? signedOut(theirs) : change, theirs)
      const { startedAt = this.#now(), epoch, era } = after
      const own = { ...(epoch !== undefined && { epoch }), ...(era !== undefined && { era }) }
      const to = isHandover(change) ? startingWith(handedOver(merged, startedAt), own) : merged
      textChange = { from: updated.text, to: textOf(to), ownerChange }
    }
  }
}

/**
 * A request of an earlier generation changes nothing, unless it signs the owner out, which ends the session under each
 * of its ids. Somebody else's it becomes by its present id alone.
 */
function mayChange(
  theirs: SessionRecord,
  { change, address }: { readonly change: RecordChange; readonly address: SessionAddress }
): boolean {
  const { before, after } = change
  if (isHandover(change) && ownerKeyOf(after) === undefined) {
    return theirs.movedTo !== undefined || ownerKeyOf(theirs) === ownerKeyOf(before)
  }
  if (genOf(theirs) !== genOf(before)) return false
  return !isHandover(change) || isOpenedBy(theirs, address.secret)
}

function startingWith(record: SessionRecord, fields: ReservedFields): SessionRecord {
  const whole = { ...record, ...fields }
  return { ...firstFields(whole), ...whole }
}

function signedOut(before: SessionRecord): RecordChange {
  const { user, ...after } = before
  return { before, after }
}
