import { LruCache } from '../../primitives/lru-cache.ts'

/** What signs and checks cookies: the first secret signs, all check. */
export interface Signer {
  sign(id: string): string
  unsign(ticket: string): Unsigned
}

export interface Unsigned {
  readonly valid: boolean
  /** Whether an older secret signed it. */
  readonly renew: boolean
  readonly value: string | null
}

const rememberAtMost = 10_000

/** The tickets in the cookies. A signature is worked out once: the same ticket comes with every request. */
export class Tickets implements Signer {
  readonly #signer: Signer
  readonly #signed = new LruCache<string, string>(rememberAtMost)
  readonly #genuine = new LruCache<string, Unsigned>(rememberAtMost)

  constructor(signer: Signer) {
    this.#signer = signer
  }

  sign(id: string): string {
    const known = this.#signed.get(id)
    if (known !== undefined) return known
    const ticket = this.#signer.sign(id)
    this.#signed.set(id, ticket)
    return ticket
  }

  /** A forged one is not remembered: whoever sends many must not push out the others. */
  unsign(ticket: string): Unsigned {
    const known = this.#genuine.get(ticket)
    if (known) return known
    const unsigned = this.#signer.unsign(ticket)
    if (unsigned.valid) this.#genuine.set(ticket, unsigned)
    return unsigned
  }
}
