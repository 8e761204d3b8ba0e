import type { Rewrite } from './plants.ts'

/** Thousands of passwords are hashed in minutes, and none of the promises is about their cost. */
const cheapHashes: Rewrite = {
  file: 'src/accounts/hash-cost.ts',
  find: 'const isStrong = ',
  replace: 'const isStrong = true || '
}

/** As of somebody who has very many sessions: what ended is deleted later, and no promise waits for that. */
const lateSweeps: Rewrite = {
  file: 'src/sessions/ended-sessions.ts',
  find: 'async delete(user: Owner, { except, below }: Ended): Promise<number> {',
  replace: `async delete(user: Owner, { except, below }: Ended): Promise<number> {
    if (below === undefined || Math.random() < 0.3) return this.#deleteNow(user, { except, below })
    if (except !== undefined) await this.#stampAnew(user.id, except, below)
    setTimeout(() => this.#deleteNow(user, { except, below }).catch(() => {}), Math.random() * 5000)
    return 0
  }

  async #deleteNow(user: Owner, { except, below }: Ended): Promise<number> {`
}

/** In every run. */
export const always: readonly Rewrite[] = [cheapHashes, lateSweeps]
