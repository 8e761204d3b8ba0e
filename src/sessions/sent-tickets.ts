import { Recent } from '../recent.ts'
import { valuePrefix } from './session-cookie.ts'
import type { Sessions } from './sessions.ts'
import type { Tickets } from './tickets.ts'

/** What a browser sent as its ticket. */
export interface SentTicket {
  readonly signed: string
  /** Empty where the ticket is forged. */
  readonly id: string
  /** Where its session is looked up. */
  readonly key: string
  /** Whether an older secret signed it. */
  readonly renew: boolean
}

export interface SentTicketsOptions {
  readonly tickets: Tickets
  /** @returns what the cookie of the session holds, of those in a Cookie header */
  readonly valueIn: (header: string) => string | undefined
  readonly sessions: Pick<Sessions, 'keyOf'>
}

const rememberAtMost = 10_000
const longestRemembered = 1024

/**
 * The tickets in Cookie headers. A browser sends the same header with nearly every request, so it is looked up as it
 * comes; only a new one is taken apart. What is remembered takes 10 MB at most.
 */
export class SentTickets {
  readonly #tickets: Tickets
  readonly #valueIn: SentTicketsOptions['valueIn']
  readonly #sessions: SentTicketsOptions['sessions']
  /** Only genuine ones: whoever sends many forged ones must not push out the others. */
  readonly #known = new Recent<string, SentTicket>(rememberAtMost)

  constructor({ tickets, valueIn, sessions }: SentTicketsOptions) {
    this.#tickets = tickets
    this.#valueIn = valueIn
    this.#sessions = sessions
  }

  /** @returns null where there is none, genuine or not */
  in(header: string | undefined): SentTicket | null {
    return header ? (this.#known.get(header) ?? this.#find(header)) : null
  }

  #find(header: string): SentTicket | null {
    const cookie = this.#valueIn(header)
    if (cookie === undefined) return null
    const signed = cookie.startsWith(valuePrefix) ? cookie.slice(valuePrefix.length) : ''
    const { valid, renew, value } = this.#tickets.unsign(signed)
    const id = value ?? ''
    const sent = { signed, id, renew, key: this.#sessions.keyOf(id) }
    if (valid && header.length <= longestRemembered) this.#known.set(header, sent)
    return sent
  }
}
