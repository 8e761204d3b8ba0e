import { StorageError } from '../errors/errors.ts'
import { ownerKeyOf } from '../identity/owner-key.ts'
import type { Clock } from '../primitives/clock.ts'
import type { LoadedSession } from './loaded-sessions.ts'
import type { SessionCap } from './session-cap.ts'
import type { SessionKeys } from './session-keys.ts'
import type { SessionRecord } from './session-record.ts'
import type { SessionStore } from './session-store.ts'
import { textOf } from './session-text.ts'
import type { SessionUpdates } from './session-updates.ts'

export interface SessionBeginningsOptions {
  readonly store: SessionStore
  readonly keys: SessionKeys
  readonly updates: SessionUpdates
  readonly cap: SessionCap
  readonly now: Clock
}

/** A session that has just begun. */
export interface BegunSession {
  readonly id: string
  readonly session: LoadedSession
  /** How many sessions it has pushed out. */
  readonly evicted: number
}

/** Stores new sessions: each is one JSON text, made once. */
export class SessionBeginnings {
  readonly #options: SessionBeginningsOptions

  constructor(options: SessionBeginningsOptions) {
    this.#options = options
  }

  /** See `Sessions.begin`. */
  async begin(id: string, { cookie, ...record }: SessionRecord, arrivedAt?: number): Promise<BegunSession> {
    const { keys, store, updates, cap } = this.#options
    const now = this.#options.now()
    const { key, secret } = keys.of(id)
    const startedAt = Math.min(record.startedAt ?? now, now)
    const beginning = await updates.beginning({ cookie, ...record }, arrivedAt)
    const own = { startedAt, ...(secret !== undefined && { secret }), ...beginning }
    const started: SessionRecord = { cookie, ...own, ...record, ...own }
    const [text, expiresAt, owner] = [textOf(started), updates.storeExpiry(started), ownerKeyOf(started)]
    const creating = store.create(key, { text, expiresAt, owner })
    const mayBeFull = owner !== undefined && cap.mayBeFull(owner)
    // A slow store may have stored it anyway, under an id that nobody has.
    creating.catch(() => store.revoke(key)).catch(no)
    const isNew = await creating
    if (!isNew) throw new StorageError('The session store', new Error('The id of a new session is taken.'))
    const evicted = owner !== undefined && (await mayBeFull) ? await cap.enforce(owner, key) : 0
    return { id, session: { text, expiresAt, record: started }, evicted }
  }
}

function no(): void {}
