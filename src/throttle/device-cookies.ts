import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { nameKey } from '../identity/names.ts'

/** Users of a shared browser; the one who signed in longest ago is dropped. */
const maxPeople = 5

/**
 * A device cookie (OWASP) shows that users signed in from this browser before. It has a random id, and for
 * each user a signature over the id and the name, which does not reveal the name. It gives no access. It only
 * tells the owner of a name from an attacker.
 */
export class DeviceCookies {
  readonly #secrets: readonly string[]

  /** @param secrets the first signs, all verify */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
  }

  /** @returns the browser's id, if that user signed in from it before */
  deviceOf(name: string, cookie: string | undefined): string | undefined {
    const { id, signatures } = parse(cookie)
    if (id === undefined) return undefined
    const right = this.#secrets.map((secret) => sign(secret, id, name))
    return signatures.some((signature) => right.some((one) => isSame(signature, one))) ? id : undefined
  }

  /** @returns the new cookie after that user has signed in */
  add(name: string, cookie: string | undefined): string {
    const { id = randomBytes(16).toString('base64url'), signatures } = parse(cookie)
    const known = this.#secrets.map((secret) => sign(secret, id, name))
    const others = signatures.filter((signature) => !known.includes(signature))
    return [id, ...known.slice(0, 1), ...others.slice(0, maxPeople - 1)].join('.')
  }
}

function parse(cookie = ''): { id: string | undefined; signatures: readonly string[] } {
  const [id, ...signatures] = cookie.split('.')
  const isOurs = [id, ...signatures].every((part) => /^[\w-]{22}$/.test(part ?? ''))
  return isOurs ? { id, signatures } : { id: undefined, signatures: [] }
}

/** Half of HMAC-SHA256. Session ids are signed with the same secret, but never contain a NUL. */
function sign(secret: string, id: string, name: string): string {
  const text = `browser\0${id}\0${nameKey(name)}`
  return createHmac('sha256', secret).update(text).digest('base64url').slice(0, 22)
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
