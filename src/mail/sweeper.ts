import { StorageError } from '../errors/errors.ts'
import type { MailRow, MailStore } from './mail-store.ts'

export interface SweeperOptions {
  readonly store: MailStore
  readonly log: { error(message: string): void }
  /** Called for a message that is of no use any more, and was not sent. */
  readonly onExpired: (mail: MailRow) => Promise<void>
  readonly now: () => number
}

const retentionMilliseconds = 30 * 24 * 3_600_000
const everyMilliseconds = 3_600_000
/** A start has better things to do. */
const firstMilliseconds = 60_000

/**
 * Deletes once an hour what was done long ago, and what is over. It does so without mail too: what mail has left does not
 * stay for ever once it is turned off.
 */
export class MailSweeper {
  readonly #options: SweeperOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  start(): void {
    this.#schedule(firstMilliseconds)
  }

  /** Waits for the sweep that is under way. */
  async stop(): Promise<void> {
    this.#isOver = true
    clearTimeout(this.#timer)
    await this.#running
  }

  /** @throws {StorageError} */
  async sweep(): Promise<void> {
    const { store, onExpired, now } = this.#options
    for (const mail of await store.expire(now())) await onExpired(mail)
    await store.deleteDone(now() - retentionMilliseconds)
    await store.deleteOver(now())
  }

  #schedule(milliseconds: number): void {
    if (this.#isOver) return
    this.#timer = setTimeout(() => {
      this.#running = this.#trySweep().finally(() => this.#schedule(everyMilliseconds))
    }, milliseconds).unref()
  }

  async #trySweep(): Promise<void> {
    try {
      await this.sweep()
    } catch (error) {
      // A database that is away is logged already. The next hour does it.
      if (!(error instanceof StorageError)) this.#options.log.error(`Old mail could not be deleted: ${error}`)
    }
  }
}
