import { LruCache } from '../../primitives/lru-cache.ts'

/** What signs and checks cookies: the first secret signs, all check. */
export interface Signer {
  sign(id: string): string
  unsign(token: string): Unsigned
}

export interface Unsigned {
  readonly valid: boolean
  /** Whether an older secret signed it. */
  readonly renew: boolean
  readonly value: string | null
}

const maxMemoized = 10_000

/** The tickets in the cookies. A signature is worked out once: the same ticket comes with every request. */
export class MemoizedSigner implements Signer {
  readonly #signer: Signer
  readonly #signed = new LruCache<string, string>(maxMemoized)
  readonly #verified = new LruCache<string, Unsigned>(maxMemoized)

  constructor(signer: Signer) {
    this.#signer = signer
  }

  sign(id: string): string {
    const known = this.#signed.get(id)
    if (known !== undefined) return known
    const token = this.#signer.sign(id)
    this.#signed.set(id, token)
    return token
  }

  /** A forged one is not remembered: whoever sends many must not push out the others. */
  unsign(token: string): Unsigned {
    const known = this.#verified.get(token)
    if (known) return known
    const unsigned = this.#signer.unsign(token)
    if (unsigned.valid) this.#verified.set(token, unsigned)
    return unsigned
  }
}
