/** So many recipients or messages in a row that were refused for good are no accident: the server refuses this sender. */
const mostRefusals = 10

/** Whether mail can be sent, as the last attempts of this process show. Logs when it changes. */
export class MailHealth {
  readonly #log: { info(message: string): void; error(message: string): void }
  readonly #now: () => number
  #failures = 0
  #refusals = 0
  #problem: { readonly since: Date; readonly error: string } | undefined

  constructor(log: { info(message: string): void; error(message: string): void }, now: () => number) {
    this.#log = log
    this.#now = now
  }

  get isDown(): boolean {
    return this.#problem !== undefined
  }

  /** How many attempts in a row failed. */
  get failures(): number {
    return this.#failures
  }

  /** Since when nothing can be sent, and why; undefined: nothing is known to be wrong. */
  get problem(): { readonly since: Date; readonly error: string } | undefined {
    return this.#problem
  }

  works(): void {
    this.#refusals = 0
    this.#answers()
  }

  /** The server answers, and refuses one message for good. Each of them failed: whoever corrects it has to know. */
  refuses(error: string): void {
    this.#refusals += 1
    if (this.#refusals < mostRefusals) {
      this.#answers()
      return
    }
    if (this.#refusals === mostRefusals)
      this.#log.error(
        `The mail server has refused the last ${mostRefusals} messages for good. ${error} Once that is corrected, "latchkey mail retry --all" tries them again.`
      )
    this.#failures = 0
    this.#problem = { since: this.#problem?.since ?? new Date(this.#now()), error }
  }

  #answers(): void {
    if (this.#problem) this.#log.info('Mail is sent again.')
    this.#problem = undefined
    this.#failures = 0
  }

  /** Logged once, and again when the reason changes. */
  fails(error: string): void {
    this.#failures += 1
    if (this.#problem?.error !== error) this.#log.error(`No mail can be sent: it waits. ${error}`)
    this.#problem = { since: this.#problem?.since ?? new Date(this.#now()), error }
  }
}
