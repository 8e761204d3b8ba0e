import { createHmac, timingSafeEqual } from 'node:crypto'
import { nameKey } from '../identity/names.ts'

/** Users of a shared browser; the one who signed in longest ago is dropped. */
const maxPeople = 5

/**
 * A device cookie (OWASP) says that users signed in from this browser before. For each it has a random id, and a
 * signature over id and name, which does not reveal the name. It gives no access. It only tells the owner of a name
 * from an attacker, as long as KnownDevices has the id: the signature keeps everybody else from asking for it.
 */
export class DeviceCookies {
  readonly #secrets: readonly string[]

  /** @param secrets the first signs, all verify */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
  }

  /** @returns the id of this browser for that user, if the user signed in from it before */
  deviceOf(name: string, cookie: string | undefined): string | undefined {
    return parse(cookie).find((entry) => this.#isOf(name, entry))?.id
  }

  /**
   * @param id of this browser for that user, who has signed in
   * @returns the new cookie
   */
  add(name: string, id: string, cookie: string | undefined): string {
    // One of the same id is of a former name.
    const others = parse(cookie).filter((entry) => entry.id !== id && !this.#isOf(name, entry))
    const own = { id, signature: sign(this.#secrets[0] ?? '', id, name) }
    const entries = [own, ...others.slice(0, maxPeople - 1)]
    return entries.map(({ id, signature }) => `${id}.${signature}`).join('.')
  }

  /** Whether anybody signed in from this browser before. */
  hasAny(cookie: string | undefined): boolean {
    return parse(cookie).length > 0
  }

  #isOf(name: string, { id, signature }: Entry): boolean {
    return this.#secrets.some((secret) => isSame(signature, sign(secret, id, name)))
  }
}

interface Entry {
  readonly id: string
  readonly signature: string
}

function parse(cookie = ''): readonly Entry[] {
  if (!/^[\w-]{22}\.[\w-]{22}(\.[\w-]{22}\.[\w-]{22}){0,4}$/.test(cookie)) return []
  const parts = cookie.split('.')
  return Array.from({ length: parts.length / 2 }, (_, index) => ({
    id: parts[2 * index] ?? '',
    signature: parts[2 * index + 1] ?? ''
  }))
}

/** Half of HMAC-SHA256. Session ids are signed with the same secret, but never contain a NUL. */
function sign(secret: string, id: string, name: string): string {
  const text = `browser\0${id}\0${nameKey(name)}`
  return createHmac('sha256', secret).update(text).digest('base64url').slice(0, 22)
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
