import type { CipherKey } from 'node:crypto'
import { unsign } from 'cookie-signature'
import { Recent } from '../primitives/lru-cache.ts'
import { cookieValue } from '../sessions/cookie/cookie-header.ts'
import { valuePrefix } from '../sessions/cookie/session-cookie.ts'

export interface CookieTicketsOptions {
  /** What the cookie is called. */
  readonly name: string
  readonly secrets: readonly CipherKey[]
}

/** Finds the ids of sessions in Cookie headers, signed as express-session does. A signature is checked once. */
export class CookieTickets {
  readonly #name: string
  readonly #secrets: readonly CipherKey[]
  /** Only genuine ones: whoever sends many forged ones must not push out the others. */
  readonly #known = new Recent<string, string>(10_000)

  constructor({ name, secrets }: CookieTicketsOptions) {
    this.#name = name
    this.#secrets = secrets
  }

  /** @returns undefined for whatever is not plainly genuine: express-session has to judge that */
  idIn(header: string | undefined): string | undefined {
    const value = cookieValue(header, this.#name)
    return value && (this.#known.get(value) ?? this.#check(value))
  }

  #check(value: string): string | undefined {
    if (!value.startsWith(valuePrefix)) return undefined
    for (const secret of this.#secrets) {
      const id = unsign(value.slice(valuePrefix.length), secret)
      if (id === false) continue
      this.#known.set(value, id)
      return id
    }
    return undefined
  }
}
