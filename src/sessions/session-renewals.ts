import { StorageError } from '../errors/errors.ts'
import { ownerKeyOf } from '../identity/owner-key.ts'
import type { Clock } from '../primitives/clock.ts'
import type { LoadedSession } from './loaded-sessions.ts'
import { genOf } from './record-change.ts'
import type { SessionAddress } from './session-keys.ts'
import {
  firstFields,
  isOpenedBy,
  nameOf,
  type ReservedFields,
  type SessionRecord,
  withLabel
} from './session-record.ts'
import type { SessionStore } from './session-store.ts'
import { recordIn, textOf } from './session-text.ts'
import type { SessionUpdates } from './session-updates.ts'

export interface SessionRenewalsOptions {
  readonly store: SessionStore
  readonly updates: SessionUpdates
  readonly now: Clock
}

/** A session that is to get another id. */
export interface Renewal {
  readonly from: SessionAddress
  readonly to: SessionAddress
  /** The session as the request knows it. */
  readonly before: Readonly<SessionRecord>
}

export interface Regeneration extends Renewal {
  /** The cookie and what is kept of the data. The owner stays, whether it is in here or not. */
  readonly content: SessionRecord
}

export interface Rotation extends Renewal {
  /** What the proof changes: role and proofs. */
  readonly stamp: ReservedFields
  /** Whether the former id is never to open the session again, also when the store goes back in time. */
  readonly endsFormer?: boolean | undefined
}

/** No request takes longer: so long the old key of a session leads to the new one. */
const leadsOnMilliseconds = 10 * 60_000

/**
 * Gives a session another id. An id of ours keeps its public half: the record stays where it is and gets another
 * secret, by compare-and-set, so whatever ends the session ends it under each of its ids. Of any other id the key is
 * the whole: the session moves to another key, and the old one leads to it for a while.
 */
export class SessionRenewals {
  readonly #store: SessionStore
  readonly #updates: SessionUpdates
  readonly #now: Clock

  constructor({ store, updates, now }: SessionRenewalsOptions) {
    this.#store = store
    this.#updates = updates
    this.#now = now
  }

  /**
   * After a proof: the content stays, and only the new secret opens the session.
   * @returns undefined if the session is gone, or has another id or owner by now
   */
  rotate({ stamp, endsFormer, ...renewal }: Rotation): Promise<LoadedSession | undefined> {
    return this.#renew({ ...renewal, endsFormer }, (record) => {
      if (!isOpenedBy(record, renewal.from.secret) || genOf(record) !== genOf(renewal.before))
        return undefined
      const { secret, formerSecret, ...rest } = record
      const accountProofs = { ...record.accountProofs, ...stamp.accountProofs }
      const gen = genOf(record) + Number(endsFormer ?? false)
      return { ...rest, ...stamp, accountProofs, ...secretOf(renewal.to), ...(gen > 0 && { gen }) }
    })
  }

  /**
   * The next generation of the session: the content is emptied but for what is kept; owner, start and proofs stay.
   * Of requests that do so at once each has its secret, until one of them is used.
   * @returns undefined if the session is gone, or has another id by now
   */
  regenerate({ content, ...renewal }: Regeneration): Promise<LoadedSession | undefined> {
    const { from, to, before } = renewal
    return this.#renew(renewal, (record) => {
      if (isBeside(record, renewal))
        return { ...record, secret: [record.secret ?? [], to.secret ?? []].flat() }
      if (!isOpenedBy(record, from.secret) || genOf(record) !== genOf(before)) return undefined
      const { cookie, secret, formerSecret, ...reserved } = firstFields(record)
      const former = from.secret === undefined ? {} : { formerSecret: from.secret }
      const user = nameOf(record)
      return {
        ...{ cookie: content.cookie, ...reserved, ...secretOf(to), ...former, gen: genOf(record) + 1 },
        ...content,
        ...(user !== undefined && { user })
      }
    })
  }

  /** At the first use after a regenerate only the used secret goes on opening the session. */
  async settle({ key, secret }: SessionAddress, loaded: LoadedSession): Promise<LoadedSession | undefined> {
    let { text, record } = loaded
    for (;;) {
      const { formerSecret, ...rest } = record
      const settled = { ...rest, ...(secret !== undefined && { secret }) }
      const change = { from: text, to: textOf(settled) }
      const updated = await this.#store.update(key, change)
      if (updated.outcome === 'gone') return undefined
      if (updated.outcome === 'stored') return { ...updated.stored, record: settled }
      text = updated.text
      record = recordIn(text)
      if (!isOpenedBy(record, secret)) return undefined
      if (record.formerSecret === undefined) return { text, expiresAt: loaded.expiresAt, record }
    }
  }

  /** Ends a session, wherever it has moved to. @returns false if it was gone already */
  async revoke(key: string): Promise<boolean> {
    const text = await this.#store.revoke(key)
    if (text === undefined) return false
    const { movedTo } = recordIn(text)
    return movedTo === undefined || this.revoke(movedTo)
  }

  async #renew(
    { endsFormer, ...renewal }: Renewal & Pick<Rotation, 'endsFormer'>,
    next: Next
  ): Promise<LoadedSession | undefined> {
    const { from, to } = renewal
    const isInPlace = from.key === to.key
    const loaded = await this.#store.load(from.key)
    let text = loaded?.text
    let placed: string | undefined
    while (text !== undefined) {
      const record = next(withLabel(recordIn(text), loaded?.label))
      if (!record) break
      if (!isInPlace) placed = await this.#place(to.key, record, placed)
      const renewed = isInPlace
        ? await this.#replace(from.key, { from: text, record, endsFormer })
        : await this.#move(renewal, text, record)
      if (typeof renewed === 'object') return renewed
      text = renewed
    }
    // Nothing leads to it.
    if (placed !== undefined) await this.#store.revoke(to.key)
    return undefined
  }

  /** @returns the current text if somebody else changed it */
  async #replace(
    key: string,
    { from, record, endsFormer }: Replacement
  ): Promise<LoadedSession | string | undefined> {
    const to = textOf(record)
    const updated = await this.#store.update(key, { from, to, endsFormer })
    if (updated.outcome === 'conflict') return updated.text
    if (updated.outcome === 'gone') return undefined
    await this.#updates.touch(key, record)
    return { text: to, record, expiresAt: this.#updates.storeExpiry(record) }
  }

  /**
   * What is not there yet cannot be led to. Until it is, it is not ended: what has ended once does not begin again.
   * @param placed what is there already
   */
  async #place(key: string, record: SessionRecord, placed: string | undefined): Promise<string> {
    const text = textOf(record)
    if (placed !== undefined) await this.#store.update(key, { from: placed, to: text })
    else {
      const stored = { text, expiresAt: this.#updates.storeExpiry(record), owner: ownerKeyOf(record) }
      if (!(await this.#store.create(key, stored)))
        throw new StorageError('The session store', new Error('The new id of a session is taken.'))
    }
    return text
  }

  /** @returns the current text if somebody else changed it; undefined if it has ended */
  async #move({ from, to }: Renewal, text: string, record: SessionRecord) {
    const leadsOnUntil = this.#now() + leadsOnMilliseconds
    // With a cookie: express-session in another program would fail without.
    const pointer = { cookie: { originalMaxAge: null }, movedTo: to.key, gen: genOf(record) }
    const ownerChange = { from: ownerKeyOf(record), to: undefined, expiresAt: leadsOnUntil }
    try {
      const change = { from: text, to: textOf(pointer), ownerChange }
      const updated = await this.#store.update(from.key, change)
      if (updated.outcome === 'conflict') return updated.text
      if (updated.outcome === 'gone') return undefined
      await this.#store.touch(from.key, { expiresAt: leadsOnUntil })
      return { text: textOf(record), record, expiresAt: this.#updates.storeExpiry(record) }
    } catch (error) {
      await this.#store.revoke(to.key).catch(() => {})
      throw error
    }
  }
}

interface Replacement extends Pick<Rotation, 'endsFormer'> {
  readonly from: string
  readonly record: SessionRecord
}

type Next = (record: SessionRecord) => SessionRecord | undefined

function secretOf({ secret }: SessionAddress): Pick<ReservedFields, 'secret'> {
  return secret === undefined ? {} : { secret }
}

/** Whether another request has regenerated the session under the same secret, and nobody has used its new id. */
function isBeside(record: SessionRecord, { from, before }: Renewal): boolean {
  const isFormer = from.secret !== undefined && record.formerSecret === from.secret
  return isFormer && genOf(record) === genOf(before) + 1
}
