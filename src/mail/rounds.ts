const everyMilliseconds = 5000
/** After a wake: what was posted may be committed a little later. */
const soonMilliseconds = [10, 100, 500, 1500] as const

/** Looks for work now and then, and soon after somebody says that there is some. No round begins before the last is over. */
export class Rounds {
  readonly #round: () => Promise<boolean>
  #timer: NodeJS.Timeout | undefined
  #isOver = false
  /** The next of the rounds that follow a wake; none follow when it is their number. */
  #next: number = soonMilliseconds.length
  #running: Promise<void> | undefined
  #wasWoken = false

  /** @param round does what there is to do, and says whether there was anything. It must not reject. */
  constructor(round: () => Promise<boolean>) {
    this.#round = round
  }

  start(): void {
    this.#schedule()
  }

  wake(): void {
    this.#next = 0
    this.#wasWoken = true
    if (!this.#running) this.#schedule()
  }

  /** Waits for the round that is under way. */
  async stop(): Promise<void> {
    this.#isOver = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#isOver) return
    this.#timer = setTimeout(() => this.#begin(), soonMilliseconds[this.#next] ?? everyMilliseconds).unref()
    if (this.#next < soonMilliseconds.length) this.#next += 1
  }

  #begin(): void {
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      this.#schedule()
    })
  }

  async #run(): Promise<void> {
    this.#wasWoken = false
    const wasThere = await this.#round()
    if (wasThere && !this.#wasWoken) this.#next = soonMilliseconds.length
  }
}
