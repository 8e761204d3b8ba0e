import type { Invalidate, Invalidation } from './invalidation.ts'

/** What was read is used for so long at most, also by a process that was stalled. */
const trustMilliseconds = 1000

export interface BriefCacheOptions {
  /** Tells of changes, if the store does. */
  readonly invalidation: Invalidation
  /** A monotonic clock. */
  readonly now?: () => number
  /** In milliseconds, less than a second. */
  readonly dropEvery?: number
}

/**
 * Where the store refuses to tell of changes, lets what was read be used for up to a second: all of it is dropped twice in
 * that time.
 */
export class BriefCache implements Invalidation {
  readonly keepsUntracked = true
  readonly #invalidation: Invalidation
  readonly #now: () => number
  readonly #dropping: NodeJS.Timeout
  #invalidate: Invalidate = () => {}
  #droppedAt = Number.NEGATIVE_INFINITY

  constructor({ invalidation, now = () => performance.now(), dropEvery = 500 }: BriefCacheOptions) {
    this.#invalidation = invalidation
    this.#now = now
    this.#dropping = setInterval(() => this.drop(), dropEvery).unref()
  }

  listen(invalidate: Invalidate): void {
    this.#invalidate = invalidate
    this.#invalidation.listen(invalidate)
  }

  isCurrent(): boolean {
    if (this.#invalidation.isCurrent()) return true
    return this.refusal !== undefined && this.#now() - this.#droppedAt < trustMilliseconds
  }

  get refusal(): string | undefined {
    return this.#invalidation.refusal
  }

  async settled(): Promise<void> {
    await this.#invalidation.settled?.()
  }

  /** Drops what was read, if the store tells of no changes. */
  drop(): void {
    if (this.refusal === undefined) return
    this.#invalidate()
    this.#droppedAt = this.#now()
  }

  close(): void {
    clearInterval(this.#dropping)
    this.#invalidation.close()
  }
}
