import { LruCache } from '../../primitives/lru-cache.ts'
import type { SessionAddress } from '../session-keys.ts'
import { valuePrefix } from './session-cookie.ts'
import type { Signer, Unsigned } from './signer.ts'

/** The session token in a Cookie header. */
export interface SessionToken extends SessionAddress {
  readonly header: string
  readonly signed: string
  /** The session id; empty if the signature is wrong, and then so is the key. */
  readonly id: string
  /** Whether it was signed with an older secret. */
  readonly renew: boolean
  /** Further tokens, if the header has several cookies of the name. */
  readonly others: readonly SessionToken[]
  /** Until when, by a monotonic clock, requests may come that the browser sent before it had another one. */
  supersededUntil?: number
}

export interface SessionTokensOptions {
  /** The name of the session cookie. */
  readonly name: string
  readonly signer: Signer
  /** @returns the values of the session cookies in a Cookie header */
  readonly readValues: (header: string) => readonly string[]
  readonly addressOf: (id: string) => SessionAddress
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
}

const maxMemoized = 10_000
const maxMemoizedLength = 1024
const encodedPrefixLength = encodeURIComponent(valuePrefix).length
const minute = 60_000
const nowhere: SessionAddress = { key: '', secret: undefined }

/**
 * Reads session tokens from Cookie headers, and remembers what is known of each: header, id, signature, address, and
 * whether the browser has another one by now. A browser sends the same header with nearly every request, so only a new
 * one is parsed, verified and hashed. The table takes 10 MB at most. It is looked up by a part of the id, and what is
 * asked for is always compared as a whole.
 */
export class SessionTokens implements Signer {
  readonly #start: string
  readonly #options: SessionTokensOptions
  readonly #now: () => number
  /** Single, valid tokens, so that many forged ones cannot push them out; and superseded ones. */
  readonly #table = new LruCache<number, SessionToken>(maxMemoized)

  constructor(options: SessionTokensOptions) {
    this.#start = `${options.name}=`
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** @returns null if there is no session cookie, valid or not */
  read(header: string | undefined): SessionToken | null {
    if (!header) return null
    const value = header.indexOf(this.#start) + this.#start.length
    const prefixLength = header[value + 1] === ':' ? valuePrefix.length : encodedPrefixLength
    const known = this.#table.get(slotOf(header, value + prefixLength))
    return known?.header === header ? known : this.#parse(header)
  }

  /** The token that the browser has, if it is signed with the present secret. */
  sign(id: string): string {
    const known = this.#table.get(slotOf(id, 0))
    return known?.id === id && !known.renew ? known.signed : this.#options.signer.sign(id)
  }

  unsign(signed: string): Unsigned {
    const known = this.#table.get(slotOf(signed, 0))
    return known?.signed === signed && known.id !== ''
      ? { valid: true, renew: known.renew, value: known.id }
      : this.#options.signer.unsign(signed)
  }

  /** The address of a session id that a browser has. */
  addressOf(id: string): SessionAddress {
    const known = this.#table.get(slotOf(id, 0))
    return known?.id === id ? known : this.#options.addressOf(id)
  }

  /**
   * The browser is sent the token of another session, as a sign-in does. Requests that it sent before may still arrive
   * with this one: their responses must not clear the cookie, which is the new one by now. The store knows that itself of
   * tokens with a valid signature, once somebody has signed in.
   */
  supersede(token: SessionToken): void {
    if (token.header.length > maxMemoizedLength) return
    token.supersededUntil = this.#now() + minute
    this.#table.set(slotOf(token.signed, 0), token)
  }

  /** Whether its browser was sent that of another session in the last minute. */
  isSuperseded({ signed }: Pick<SessionToken, 'signed'>): boolean {
    const known = this.#table.get(slotOf(signed, 0))
    return known?.signed === signed && this.#now() < (known.supersededUntil ?? 0)
  }

  #parse(header: string): SessionToken | null {
    const [first, ...more] = this.#options.readValues(header)
    if (first === undefined) return null
    const others = more.map((value) => this.#tokenOf(header, value))
    const token: SessionToken = { ...this.#tokenOf(header, first), others }
    const isValid = token.id !== '' && others.length === 0
    if (isValid && header.length <= maxMemoizedLength) this.#remember(token)
    return token
  }

  #remember(token: SessionToken): void {
    const slot = slotOf(token.signed, 0)
    const known = this.#table.get(slot)
    if (known?.signed === token.signed && known.supersededUntil !== undefined)
      token.supersededUntil = known.supersededUntil
    this.#table.set(slot, token)
  }

  #tokenOf(header: string, cookie: string): SessionToken {
    const signed = cookie.startsWith(valuePrefix) ? cookie.slice(valuePrefix.length) : ''
    const { renew, value } = this.unsign(signed)
    const id = value ?? ''
    return { header, signed, id, renew, ...(id === '' ? nowhere : this.#addressIn(id)), others: [] }
  }

  #addressIn(id: string): SessionAddress {
    const { key, secret } = this.addressOf(id)
    return { key, secret }
  }
}

/**
 * Five characters of the id, six bits each, as the key of the table. As the key of a Map the whole header would be
 * hashed, because each header is a new string: that took six times as long.
 */
function slotOf(text: string, first: number): number {
  let slot = 0
  for (let at = first; at < first + 5; at += 1) slot = (slot << 6) | (text.charCodeAt(at) & 63)
  return slot
}
