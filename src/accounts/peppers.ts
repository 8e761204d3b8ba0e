import { createHmac } from 'node:crypto'

/** Parameters for argon2. */
export interface Keyed {
  readonly secret?: Buffer
}

/**
 * Secrets that are part of the hashes and stored apart from them (NIST SP 800-63B-4 §3.1.1.2): with the
 * database alone nobody can test a password. PHC's `keyid` in a hash says which pepper it needs.
 */
export class Peppers {
  readonly #byId: ReadonlyMap<string, Keyed>
  readonly #currentId: string

  /** @param peppers the first is used for new hashes, all verify; if empty, hashes have no pepper */
  constructor(peppers: readonly string[]) {
    const keyed = peppers.map((pepper) => [pepperId(pepper), { secret: Buffer.from(pepper) }] as const)
    this.#byId = new Map<string, Keyed>([...keyed, ['', {}]])
    this.#currentId = keyed[0]?.[0] ?? ''
  }

  get current(): Keyed {
    return this.#byId.get(this.#currentId) ?? {}
  }

  /** @returns undefined when the pepper of the hash is unknown */
  of(hash: string): Keyed | undefined {
    return this.#byId.get(idIn(hash))
  }

  isOutdated(hash: string): boolean {
    return idIn(hash) !== this.#currentId
  }

  /** Adds the id of the pepper to a new hash. */
  mark(hash: string): string {
    if (this.#currentId === '') return hash
    return hash.replace(/^(\$[^$]+\$[^$]+\$[^$]+)/, `$1,keyid=${this.#currentId}`)
  }
}

function idIn(hash: string): string {
  return /[$,]keyid=([^,$]+)/.exec(hash)?.[1] ?? ''
}

/** Identifies a pepper without revealing it. */
function pepperId(pepper: string): string {
  return createHmac('sha256', pepper).update('latchkey pepper').digest('base64').slice(0, 8)
}
