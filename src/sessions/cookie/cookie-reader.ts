import { LruCache } from '../../primitives/lru-cache.ts'
import type { Sessions } from '../sessions.ts'
import { valuePrefix } from './session-cookie.ts'
import type { Tickets } from './signer.ts'

/** What a browser sent as its ticket. */
export interface SentTicket {
  readonly header: string
  readonly signed: string
  /** Empty where the ticket is forged. */
  readonly id: string
  /** Where its session is looked up. */
  readonly key: string
  /** Whether an older secret signed it. */
  readonly renew: boolean
}

export interface SentTicketsOptions {
  /** What the cookie of the session is called. */
  readonly name: string
  readonly tickets: Tickets
  /** @returns what that cookie holds, of those in a Cookie header */
  readonly valueIn: (header: string) => string | undefined
  readonly sessions: Pick<Sessions, 'keyOf'>
}

const rememberAtMost = 10_000
const longestRemembered = 1024
const encodedPrefixLength = encodeURIComponent(valuePrefix).length

/**
 * The tickets in Cookie headers. A browser sends the same header with nearly every request, so only a new one is
 * taken apart. What is remembered takes 10 MB at most.
 */
export class SentTickets {
  readonly #start: string
  readonly #tickets: Tickets
  readonly #valueIn: SentTicketsOptions['valueIn']
  readonly #sessions: SentTicketsOptions['sessions']
  /** Only genuine ones: whoever sends many forged ones must not push out the others. */
  readonly #known = new LruCache<number, SentTicket>(rememberAtMost)

  constructor({ name, tickets, valueIn, sessions }: SentTicketsOptions) {
    this.#start = `${name}=`
    this.#tickets = tickets
    this.#valueIn = valueIn
    this.#sessions = sessions
  }

  /** @returns null where there is none, genuine or not */
  in(header: string | undefined): SentTicket | null {
    if (!header) return null
    const number = this.#numberOf(header)
    const known = this.#known.get(number)
    return known?.header === header ? known : this.#find(header, number)
  }

  /**
   * Five characters of the id, six bits of each, by which a header is looked up. As the key of a Map all of its
   * characters would be hashed, since each header is a new string: that took six times as long.
   */
  #numberOf(header: string): number {
    const first = header.indexOf(this.#start) + this.#start.length + encodedPrefixLength
    let number = 0
    for (let at = first; at < first + 5; at += 1) number = (number << 6) | (header.charCodeAt(at) & 63)
    return number
  }

  #find(header: string, number: number): SentTicket | null {
    const cookie = this.#valueIn(header)
    if (cookie === undefined) return null
    const signed = cookie.startsWith(valuePrefix) ? cookie.slice(valuePrefix.length) : ''
    const { valid, renew, value } = this.#tickets.unsign(signed)
    const id = value ?? ''
    const sent = { header, signed, id, renew, key: this.#sessions.keyOf(id) }
    if (valid && header.length <= longestRemembered) this.#known.set(number, sent)
    return sent
  }
}
