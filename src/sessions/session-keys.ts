import { createHash } from 'node:crypto'
import { memoize } from '../primitives/memoize.ts'

/** The key of a session in the store: a hash of its id, or the id itself, as connect-redis has it. */
export type SessionIds = 'hashed' | 'plain'

const bytesOfKey = 16

/** Makes the keys of sessions, and the names under which they are shown. */
export class SessionKeys {
  readonly #ids: SessionIds
  readonly #hashOf = memoize(10_000, (id: string) => sha256(id).toString('base64url'))

  constructor(ids: SessionIds) {
    this.#ids = ids
  }

  /** Ids have 192 random bits: a plain hash cannot be reversed, and needs no salt. */
  of(id: string): string {
    return this.#ids === 'plain' ? id : this.#hashOf(id)
  }

  /**
   * The handle: the name of the session in lists, logs and commands, 32 hexadecimal digits, so it is never
   * like an option. It is the key, or a hash of the key where that is the id: in no case can it be turned
   * into a cookie.
   */
  handleOf(key: string): string {
    const bytes = this.#ids === 'plain' ? sha256(key) : Buffer.from(key, 'base64url')
    return bytes.toString('hex')
  }

  /** Whether the handle says the key; else sessions have to be compared with it. */
  get areInHandles(): boolean {
    return this.#ids === 'hashed'
  }

  /** @returns undefined if no key has this handle, or it does not say the key */
  keyIn(handle: string): string | undefined {
    const isHandle = this.areInHandles && /^[0-9a-f]{32}$/.test(handle)
    return isHandle ? Buffer.from(handle, 'hex').toString('base64url') : undefined
  }
}

/** Half of it: 128 bits. */
function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, bytesOfKey)
}
