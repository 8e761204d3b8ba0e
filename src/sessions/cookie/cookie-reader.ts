import { LruCache } from '../../primitives/lru-cache.ts'
import type { SessionAddress } from '../session-keys.ts'
import type { Sessions } from '../sessions.ts'
import { valuePrefix } from './session-cookie.ts'
import type { MemoizedSigner } from './signer.ts'

/** The session token in a Cookie header. */
export interface SessionToken extends SessionAddress {
  readonly header: string
  readonly signed: string
  /** The session id; empty if the signature is wrong. */
  readonly id: string
  /** Whether it was signed with an older secret. */
  readonly renew: boolean
  /** Further tokens, if the header has several cookies of the name. */
  readonly others: readonly SessionToken[]
}

export interface CookieReaderOptions {
  /** The name of the session cookie. */
  readonly name: string
  readonly signer: MemoizedSigner
  /** @returns the values of the session cookies in a Cookie header */
  readonly readValues: (header: string) => readonly string[]
  readonly sessions: Pick<Sessions, 'addressOf'>
}

const maxMemoized = 10_000
const maxMemoizedLength = 1024
const encodedPrefixLength = encodeURIComponent(valuePrefix).length

/**
 * Reads session tokens from Cookie headers. A browser sends the same header with nearly every request, so
 * only a new one is parsed. The cache takes 10 MB at most.
 */
export class CookieReader {
  readonly #start: string
  readonly #signer: MemoizedSigner
  readonly #readValues: CookieReaderOptions['readValues']
  readonly #sessions: CookieReaderOptions['sessions']
  /** Single, valid tokens only, so that many forged ones cannot push them out. */
  readonly #cache = new LruCache<number, SessionToken>(maxMemoized)

  constructor({ name, signer, readValues, sessions }: CookieReaderOptions) {
    this.#start = `${name}=`
    this.#signer = signer
    this.#readValues = readValues
    this.#sessions = sessions
  }

  /** @returns null if there is no session cookie, valid or not */
  read(header: string | undefined): SessionToken | null {
    if (!header) return null
    const key = this.#keyOf(header)
    const known = this.#cache.get(key)
    return known?.header === header ? known : this.#parse(header, key)
  }

  /**
   * Five characters of the id, six bits each, as the cache key. As the key of a Map the whole header would be
   * hashed, because each header is a new string: that took six times as long.
   */
  #keyOf(header: string): number {
    const first = header.indexOf(this.#start) + this.#start.length + encodedPrefixLength
    let key = 0
    for (let at = first; at < first + 5; at += 1) key = (key << 6) | (header.charCodeAt(at) & 63)
    return key
  }

  #parse(header: string, key: number): SessionToken | null {
    const [first, ...more] = this.#readValues(header)
    if (first === undefined) return null
    const others = more.map((value) => this.#tokenOf(header, value))
    const token = { ...this.#tokenOf(header, first), others }
    const isValid = token.id !== '' && others.length === 0
    if (isValid && header.length <= maxMemoizedLength) this.#cache.set(key, token)
    return token
  }

  #tokenOf(header: string, cookie: string): SessionToken {
    const signed = cookie.startsWith(valuePrefix) ? cookie.slice(valuePrefix.length) : ''
    const { renew, value } = this.#signer.unsign(signed)
    const id = value ?? ''
    return { header, signed, id, renew, ...this.#sessions.addressOf(id), others: [] }
  }
}
