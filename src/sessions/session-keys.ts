import { hash, randomBytes } from 'node:crypto'

/** The key of a session in the store: a hash of its id, or the id itself, as connect-redis has it. */
export type SessionIds = 'hashed' | 'plain'

const bytesOfKey = 16

/** Where a session is, and what opens it. */
export interface SessionAddress {
  /** The key of the session in the store. */
  readonly key: string
  /** The hash of the secret half of the id; undefined for ids of another form, where the whole id is the key. */
  readonly secret: string | undefined
}

/** 128 bits in base64url. */
const halfLength = 22
const ourForm = /^[\w-]{22}\.[\w-]{22}$/

/**
 * Makes a session id: a public half, which the session keeps for its whole life, and a secret half. Each has 128 random
 * bits (ASVS 7.2.3).
 */
export function newSessionId(publicHalf = newHalf()): string {
  return `${publicHalf}.${newHalf()}`
}

/** Another id for the same session: with another secret half. For an id of another form an unrelated one. */
export function renewedSessionId(id: string): string {
  return ourForm.test(id) ? newSessionId(id.slice(0, halfLength)) : newSessionId()
}

/** Makes the keys of sessions, and the names under which they are shown. */
export class SessionKeys {
  readonly #ids: SessionIds

  constructor(ids: SessionIds) {
    this.#ids = ids
  }

  of(id: string): SessionAddress {
    if (this.#ids === 'plain') return { key: id, secret: undefined }
    if (!ourForm.test(id)) return { key: keyOf(id), secret: undefined }
    return { key: keyOf(id.slice(0, halfLength)), secret: keyOf(id.slice(halfLength + 1)) }
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
  return hash('sha256', text, 'buffer').subarray(0, bytesOfKey)
}

function newHalf(): string {
  return randomBytes(16).toString('base64url')
}

/** Ids have random bits enough: a plain hash cannot be reversed, and needs no salt. */
function keyOf(text: string): string {
  return sha256(text).toString('base64url')
}
