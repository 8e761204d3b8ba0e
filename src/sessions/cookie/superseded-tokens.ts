import { LruCache } from '../../primitives/lru-cache.ts'

const maxTokens = 10_000
const longestToken = 200
const minute = 60_000

/**
 * Tokens whose browser was sent that of another session in the last minute, as a sign-in does. Requests that the browser
 * sent before may still arrive with the former token: their responses must not clear the cookie, which is the new one
 * by now. Of another token for the same session the store knows itself.
 */
export class SupersededTokens {
  readonly #now: () => number
  readonly #endings = new LruCache<string, { readonly at: number }>(maxTokens)

  /** @param now a monotonic clock in milliseconds */
  constructor(now = () => performance.now()) {
    this.#now = now
  }

  add(token: string): void {
    if (token.length <= longestToken) this.#endings.set(token, { at: this.#now() + minute })
  }

  has(token: string): boolean {
    const ending = this.#endings.get(token)
    return ending !== undefined && this.#now() < ending.at
  }
}
