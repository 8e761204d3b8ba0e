import { createHmac } from 'node:crypto'

/** What argon2 takes beside a password. */
interface Keyed {
  readonly secret?: Buffer
}

/**
 * Secrets that go into the hashes and are kept apart from them (NIST SP 800-63B-4 §3.1.1.2): who has the database
 * alone can try no password. A hash says by `keyid`, as PHC has it, which pepper is in it.
 */
export class Peppers {
  readonly #byId: ReadonlyMap<string, Keyed>
  readonly #currentId: string

  /** @param peppers the first goes into new hashes, all verify; none: hashes are made without */
  constructor(peppers: readonly string[]) {
    const keyed = peppers.map((pepper) => [pepperId(pepper), { secret: Buffer.from(pepper) }] as const)
    this.#byId = new Map<string, Keyed>([...keyed, ['', {}]])
    this.#currentId = keyed[0]?.[0] ?? ''
  }

  get current(): Keyed {
    return this.#byId.get(this.#currentId) ?? {}
  }

  /** @returns undefined when the pepper in the hash is none of these */
  of(hash: string): Keyed | undefined {
    return this.#byId.get(idIn(hash))
  }

  isOutdated(hash: string): boolean {
    return idIn(hash) !== this.#currentId
  }

  /** Writes into a new hash which pepper is in it. */
  mark(hash: string): string {
    if (this.#currentId === '') return hash
    return hash.replace(/^(\$[^$]+\$[^$]+\$[^$]+)/, `$1,keyid=${this.#currentId}`)
  }
}

function idIn(hash: string): string {
  return /[$,]keyid=([^,$]+)/.exec(hash)?.[1] ?? ''
}

/** Tells peppers apart and gives nothing of them away. */
function pepperId(pepper: string): string {
  return createHmac('sha256', pepper).update('latchkey pepper').digest('base64').slice(0, 8)
}
