import { LruCache } from '../../primitives/lru-cache.ts'

/** Signs and verifies cookies: the first secret signs, all verify. */
export interface Signer {
  sign(id: string): string
  unsign(token: string): Unsigned
}

export interface Unsigned {
  readonly valid: boolean
  /** Whether it was signed with an older secret. */
  readonly renew: boolean
  readonly value: string | null
}

const maxMemoized = 10_000

/** Memoizes signatures: the same token comes with every request. */
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

  /** A forged token is not cached, so that many of them cannot push the others out. */
  unsign(token: string): Unsigned {
    const known = this.#verified.get(token)
    if (known) return known
    const unsigned = this.#signer.unsign(token)
    if (unsigned.valid) this.#verified.set(token, unsigned)
    return unsigned
  }
}
