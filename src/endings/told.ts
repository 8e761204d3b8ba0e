import { type Claim, type Floor, isBelow } from './judge.ts'

/** With a label the account has another name since the row with this number. */
export type FloorRow = readonly [owner: string, epoch: number, keep?: string, label?: string, n?: number]

/** What a process tells the others. */
export interface Message {
  readonly ended?: readonly string[]
  readonly floors?: readonly FloorRow[]
  readonly era?: number
  /** Somebody's sessions are over, whatever their epoch. */
  readonly held?: boolean
}

export interface ToldListener {
  /** Sessions of these owners may be over, or something else of them has changed; undefined: everybody's. */
  onTold(owners: readonly string[] | undefined): void
  /**
   * Nothing that was read before may be believed: what was told since is forgotten.
   * @param key of this session alone
   */
  onForgotten(key?: string): void
}

interface Label {
  readonly label: string
  readonly n: number
}

const maxFloors = 10_000
const rememberEndedMilliseconds = 60_000

/**
 * What this process knows of endings without asking: its own, and what others told. It is asked at each use of
 * a session, so an answer that was under way while something ended changes nothing, whenever it is cached.
 */
export class Told {
  readonly #listeners: ToldListener[] = []
  readonly #now: () => number
  readonly #floors = new Map<string, Floor>()
  readonly #labels = new Map<string, Label>()
  /** Of the last one to two minutes. */
  #ended = new Set<string>()
  #endedBefore = new Set<string>()
  #rotatedAt = 0
  #era = 0

  #version = 0

  /** @param now a monotonic clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  listen(listener: ToldListener): void {
    this.#listeners.push(listener)
  }

  /** Another one after each ending. */
  get version(): number {
    return this.#version
  }

  get era(): number {
    return this.#era
  }

  tell({ ended = [], floors = [], era = this.#era, held = false }: Message): void {
    if (held) for (const listener of this.#listeners) listener.onForgotten()
    const isNewEra = era > this.#era
    if (ended.length === 0 && floors.length === 0 && !isNewEra) return
    this.#version += 1
    if (ended.length > 0) this.#end(ended)
    if (isNewEra) {
      this.#era = era
      // The epochs may have gone back since.
      this.#floors.clear()
      this.#labels.clear()
    }
    if (era < this.#era) return
    for (const [owner, epoch, keep, label, n = 0] of floors) {
      this.#raise(owner, { epoch, keep })
      if (label !== undefined) this.#rename(owner, { label, n })
    }
    if (!isNewEra && floors.length === 0) return
    const owners = isNewEra ? undefined : floors.map(([owner]) => owner)
    for (const listener of this.#listeners) listener.onTold(owners)
  }

  /** After this process has deleted sessions past the cache: a Redis that tells others does not tell it. */
  tellDeleted(keys: readonly string[]): void {
    for (const key of keys) for (const listener of this.#listeners) listener.onForgotten(key)
  }

  isOver(claim: Claim): boolean {
    const { key, owner, era } = claim
    if (era < this.#era || this.#ended.has(key) || this.#endedBefore.has(key)) return true
    return owner !== undefined && isBelow(claim, this.#floors.get(owner))
  }

  /** Whether the account was renamed since this was read: then it is read again. */
  isRenamed({ owner, user }: Pick<Claim, 'owner' | 'user'>): boolean {
    const known = owner === undefined ? undefined : this.#labels.get(owner)
    return known !== undefined && known.label !== '' && known.label !== user
  }

  #raise(owner: string, floor: Floor): void {
    if (floor.epoch <= (this.#floors.get(owner)?.epoch ?? 0)) return
    if (this.#floors.size >= maxFloors) this.#forget(this.#floors)
    this.#floors.set(owner, floor)
  }

  /** A message may be older than what this process has found itself. */
  #rename(owner: string, label: Label): void {
    if (label.n < (this.#labels.get(owner)?.n ?? 0)) return
    if (this.#labels.size >= maxFloors) this.#forget(this.#labels)
    this.#labels.set(owner, label)
  }

  #forget(known: Map<string, unknown>): void {
    known.clear()
    for (const listener of this.#listeners) listener.onForgotten()
  }

  #end(keys: readonly string[]): void {
    const now = this.#now()
    if (now - this.#rotatedAt > rememberEndedMilliseconds) {
      this.#endedBefore = this.#ended
      this.#ended = new Set()
      this.#rotatedAt = now
    }
    for (const key of keys) this.#ended.add(key)
  }
}
