import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** Where a sealed text belongs. Anywhere else it cannot be opened, so that nobody can swap two of them. */
export interface Place {
  readonly table: string
  readonly column: string
  /** The id of the account; of what no account has, or several times, that of the row. */
  readonly account: string
}

const cipher = 'aes-256-gcm'
/** NIST SP 800-38D §8.2.2: random, for at most 2^32 texts a key. */
const nonceLength = 12
const tagLength = 16

/**
 * Keys that seal texts in the database: AES-256-GCM, bound to their place. Whoever has a copy of the database alone can
 * neither read nor forge them. A sealed text begins with the id of its key, which does not reveal the key.
 */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, Buffer>
  /** The id of the key that seals; undefined if there is none. */
  readonly currentId: string | undefined

  /** @param secrets of at least 32 characters: the first seals, all open */
  constructor(secrets: readonly string[]) {
    this.#keys = new Map(secrets.map((secret) => [idOf(secret), keyOf(secret)]))
    this.currentId = this.#keys.keys().next().value
  }

  /** Whether a key of this id is there. */
  has(id: string): boolean {
    return this.#keys.has(id)
  }

  /** @throws {Error} when there is no key: ask `currentId` before */
  seal(text: string, place: Place): string {
    const key = this.#keys.get(this.currentId ?? '')
    if (!key) throw new Error('There is no key in DATA_KEYS to seal with.')
    const nonce = randomBytes(nonceLength)
    const sealing = createCipheriv(cipher, key, nonce).setAAD(bytesOf(place))
    const sealed = [nonce, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]
    return `${this.currentId}.${Buffer.concat(sealed).toString('base64url')}`
  }

  /** @returns undefined when its key is not in the ring, or it was changed, or sealed for another place */
  open(sealed: string, place: Place): string | undefined {
    const key = this.#keys.get(keyIdOf(sealed))
    const bytes = Buffer.from(sealed.slice(sealed.indexOf('.') + 1), 'base64url')
    if (!key || bytes.length < nonceLength + tagLength) return undefined
    const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceLength), {
      authTagLength: tagLength
    })
    opening.setAAD(bytesOf(place)).setAuthTag(bytes.subarray(-tagLength))
    try {
      return (
        opening.update(bytes.subarray(nonceLength, -tagLength), undefined, 'utf8') + opening.final('utf8')
      )
    } catch {
      return undefined
    }
  }

  /**
   * For comparison of what must not be readable: the same for the same text, and nobody without the keys can tell which text
   * it is, or make one for a text. One for each key, the present one first.
   * @param purpose of another one it is another
   */
  macsOf(text: string, purpose: string): readonly string[] {
    return [...this.#keys.values()].map((key) => {
      const own = Buffer.from(hkdfSync('sha256', key, '', `latchkey ${purpose}`, 32))
      return createHmac('sha256', own).update(text).digest('base64url')
    })
  }
}

/** The id of the key that a text was sealed with. */
export function keyIdOf(sealed: string): string {
  return sealed.slice(0, Math.max(0, sealed.indexOf('.')))
}

function idOf(secret: string): string {
  return createHmac('sha256', secret).update('latchkey data key').digest('base64url').slice(0, 8)
}

function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'latchkey data key', 32))
}

/** No part of a place has a line break. */
function bytesOf({ table, column, account }: Place): Buffer {
  return Buffer.from([table, column, account].join('\n'))
}
