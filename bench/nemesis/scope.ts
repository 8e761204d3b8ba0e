import type { Test } from 'tap'

/** What has to be closed at the end; the starters of test/servers/ take it in place of a test. */
export class Scope {
  readonly #steps: (() => unknown)[] = []

  teardown(step: () => unknown): void {
    this.#steps.unshift(step)
  }

  get asTest(): Test {
    return this as unknown as Test
  }

  /** The last one first, also if one fails. */
  async close(): Promise<void> {
    for (const step of this.#steps.splice(0)) {
      try {
        await step()
      } catch (error) {
        console.error(error)
      }
    }
  }
}
