import { setImmediate as turn } from 'node:timers/promises'
import {
  type LatchkeyError,
  SessionEndedError,
  SessionExpiredError,
  SessionUnknownError
} from '../errors/errors.ts'
import { ownerKeyOf } from '../identity/owner-key.ts'
import type { SessionRecord } from './session-record.ts'
import type { Changes, SessionStore } from './session-store.ts'

/** A session that was looked at without using it. */
export interface SeenSession {
  /** Its key, which is another one if it has moved. */
  readonly key: string
  readonly record: Readonly<SessionRecord>
  /** When it ends if nobody uses it: milliseconds since 1970. */
  readonly endsAt: number
  readonly isOver: boolean
}

export interface SignedInSignalsOptions {
  readonly store: Pick<SessionStore, 'tellChanges'>
  /** Loads a session without touching it. @returns undefined if it has ended */
  readonly look: (key: string) => Promise<SeenSession | undefined>
  readonly now: () => number
  readonly everyMilliseconds?: number
}

/** A signal that may still abort. */
interface Watched {
  readonly controller: AbortController
  /** Whose session it was at first. */
  readonly owner: string
  key: string
  endsAt: number
  /** Whether it has to be looked at in the next tick. */
  isDue: boolean
  /** For how many ticks it has been unknown whether it lives. */
  unknownTicks: number
}

/** With the time that an answer takes this is less than a second. */
const tickMilliseconds = 800
/** About five seconds. Ticks, because a process that was stopped has not waited. */
const maxUnknownTicks = 6
/** Looked at together, so that nobody else waits long. */
const batchSize = 500
/** Clocks of stores and processes differ a little. */
const clockSkewMilliseconds = 1000

/**
 * Tells open connections when their sessions end. One timer serves all of them, and runs only while there are any.
 * Where the store notifies of changes, a session is looked at after each change and when it should have ended; where
 * it does not, all are looked at in each tick.
 */
export class SignedInSignals {
  readonly #options: SignedInSignalsOptions
  readonly #watched = new Set<Watched>()
  readonly #byKey = new Map<string, Set<Watched>>()
  /** To be looked at now. */
  readonly #changed = new Set<Watched>()
  #changes: Changes | undefined
  #isTold = false
  #isLooking = false
  #ticking: NodeJS.Timeout | undefined

  constructor(options: SignedInSignalsOptions) {
    this.#options = options
  }

  /** How many signals may still abort. */
  get size(): number {
    return this.#watched.size
  }

  /**
   * A signal that aborts when the session ends, is somebody else's, or cannot be asked about for five seconds.
   * @param owner of the session as it was loaded: see ownerKeyOf
   * @returns the signal, and a function that gives it up
   */
  watch(key: string, owner: string): { readonly signal: AbortSignal; readonly stop: () => void } {
    const { store, everyMilliseconds = tickMilliseconds } = this.#options
    this.#changes ??= store.tellChanges?.((changed) => this.#onChange(changed))
    this.#ticking ??= setInterval(() => this.#tick(), everyMilliseconds).unref()
    const controller = new AbortController()
    const endsAt = Number.POSITIVE_INFINITY
    const watched: Watched = { controller, owner, key, endsAt, isDue: false, unknownTicks: 0 }
    this.#watched.add(watched)
    this.#index(watched)
    // It may have ended since it was loaded.
    this.#lookSoon(watched)
    return { signal: controller.signal, stop: () => this.#remove(watched) }
  }

  /** Nothing aborts any more. */
  close(): void {
    for (const watched of this.#watched) this.#remove(watched)
  }

  #index(watched: Watched): void {
    const { key } = watched
    const others = this.#byKey.get(key)
    if (others) others.add(watched)
    else this.#byKey.set(key, new Set([watched]))
  }

  #leaveIndex(watched: Watched): void {
    const { key } = watched
    const others = this.#byKey.get(key)
    others?.delete(watched)
    if (others?.size === 0) this.#byKey.delete(key)
  }

  #remove(watched: Watched): void {
    this.#changed.delete(watched)
    this.#watched.delete(watched)
    this.#leaveIndex(watched)
    if (this.#watched.size > 0) return
    clearInterval(this.#ticking)
    this.#ticking = undefined
  }

  #onChange(key?: string): void {
    if (key === undefined) {
      for (const watched of this.#watched) watched.isDue = true
      return
    }
    for (const watched of this.#byKey.get(key) ?? []) this.#lookSoon(watched)
  }

  #tick(): void {
    const isTold = this.#changes?.isCurrent() ?? false
    // A store notifies only of sessions that were loaded since it began to.
    const areAllDue = !isTold || !this.#isTold
    this.#isTold = isTold
    const now = this.#options.now()
    for (const watched of this.#watched) {
      if (!areAllDue && !watched.isDue && now < watched.endsAt) continue
      watched.unknownTicks += 1
      if (watched.unknownTicks > maxUnknownTicks) this.#end(watched, new SessionUnknownError())
      else this.#changed.add(watched)
    }
    this.#lookAtChanged()
  }

  #lookSoon(watched: Watched): void {
    this.#changed.add(watched)
    if (this.#changed.size === 1) setImmediate(() => this.#lookAtChanged())
  }

  async #lookAtChanged(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    while (this.#changed.size > 0) {
      const changed = [...this.#changed]
      this.#changed.clear()
      await this.#lookAtAll(changed)
    }
    this.#isLooking = false
  }

  async #lookAtAll(sessions: readonly Watched[]): Promise<void> {
    for (let start = 0; start < sessions.length; start += batchSize) {
      const batch = sessions.slice(start, start + batchSize)
      const answers = await Promise.all(batch.map((watched) => this.#look(watched)))
      // Where nobody got an answer, the others are looked at in the next tick.
      if (!answers.includes(true)) {
        for (const watched of sessions.slice(start)) watched.isDue = true
        return
      }
      await turn()
    }
  }

  /** @returns whether the store answered */
  async #look(watched: Watched): Promise<boolean> {
    if (!this.#watched.has(watched)) return true
    // Before it is loaded: a change meanwhile is another reason to look.
    watched.isDue = false
    try {
      this.#hear(watched, await this.#options.look(watched.key))
      return true
    } catch {
      watched.isDue = true
      return false
    }
  }

  #hear(watched: Watched, seen: SeenSession | undefined): void {
    // Given up while it was looked at.
    if (!this.#watched.has(watched)) return
    watched.unknownTicks = 0
    watched.endsAt = seen?.endsAt ?? watched.endsAt
    if (!seen || seen.isOver) this.#end(watched, this.#reasonOf(watched))
    else if (ownerKeyOf(seen.record) !== watched.owner) this.#end(watched, new SessionEndedError())
    else if (seen.key !== watched.key) this.#move(watched, seen.key)
  }

  #move(watched: Watched, key: string): void {
    this.#leaveIndex(watched)
    watched.key = key
    this.#index(watched)
    // It may have changed before anybody listened to this key.
    this.#lookSoon(watched)
  }

  #reasonOf({ endsAt }: Watched): LatchkeyError {
    const isOver = this.#options.now() + clockSkewMilliseconds >= endsAt
    return isOver ? new SessionExpiredError() : new SessionEndedError()
  }

  #end(watched: Watched, reason: LatchkeyError): void {
    this.#remove(watched)
    watched.controller.abort(reason)
  }
}
