import { type CipherKey, createHmac, timingSafeEqual } from 'node:crypto'
import { valuePrefix } from '../sessions/session-cookie.ts'
import { type Signer, Tickets, type Unsigned } from '../sessions/tickets.ts'

export interface CookieTicketsOptions {
  /** What the cookie is called. */
  readonly name: string
  readonly secrets: readonly CipherKey[]
}

/** Finds the ids of sessions in Cookie headers. A signature is checked once and remembered. */
export class CookieTickets {
  readonly #cookie: RegExp
  readonly #tickets: Tickets

  constructor({ name, secrets }: CookieTicketsOptions) {
    this.#cookie = new RegExp(`(?:^|;)\\s*${literal(name)}=([^;]*)`)
    this.#tickets = new Tickets(new CookieSigner(secrets))
  }

  /** @returns undefined for whatever is not plainly genuine: express-session has to judge that */
  idIn(header = ''): string | undefined {
    const [, value] = this.#cookie.exec(header) ?? []
    const { valid, value: id } = value ? this.#tickets.unsign(value) : invalid
    return valid && id ? id : undefined
  }
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

const invalid: Unsigned = { valid: false, renew: false, value: null }

/** Signs as express-session does. */
class CookieSigner implements Signer {
  readonly #secrets: readonly CipherKey[]

  constructor(secrets: readonly CipherKey[]) {
    this.#secrets = secrets
  }

  sign(id: string): string {
    return encodeURIComponent(`${valuePrefix}${id}.${signature(id, this.#secrets[0] ?? '')}`)
  }

  unsign(value: string): Unsigned {
    const [, id = '', given = ''] = signed.exec(decode(value)) ?? []
    const signer = this.#secrets.find((secret) => isSame(given, signature(id, secret)))
    return signer === undefined ? invalid : { valid: true, renew: signer !== this.#secrets[0], value: id }
  }
}

const signed = new RegExp(`^${valuePrefix}(.+)\\.([^.]+)$`)

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

function signature(id: string, secret: CipherKey): string {
  return createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')
}

function isSame(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)]
  return one.length === other.length && timingSafeEqual(one, other)
}
