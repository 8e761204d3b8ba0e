import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AccountProofs } from '../../identity/account-proofs.ts'

/**
 * Somebody who has given the password, and not the second factor yet. It is no session: nothing is stored, and nothing
 * takes it for one.
 */
export interface PendingSignIn {
  /** The id of the account, and its version when the password was verified. */
  readonly account: string
  readonly version: number
  readonly proofs: AccountProofs
  readonly remember: boolean
  /** Where to go after sign-in, as browsers have it. */
  readonly next: string
  /** It adds a factor to a session, and is over with it: it must not become another session. */
  readonly ofSession?: boolean
}

/** How long somebody has for the second factor. */
export const pendingMilliseconds = 10 * 60 * 1000

/**
 * The value of the cookie of a pending sign-in: JSON, signed. Session ids are signed with the same secrets, but never
 * contain a NUL. A copy of it opens nothing: the second factor counts once.
 */
export class PendingSignIns {
  readonly #secrets: readonly string[]

  /** @param secrets the first signs, all verify */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
  }

  write({ account, version, proofs, remember, next, ofSession = false }: PendingSignIn): string {
    const fields = [account, version, proofs, remember, next, ofSession]
    const text = Buffer.from(JSON.stringify(fields)).toString('base64url')
    return `${text}.${sign(this.#secrets[0] ?? '', text)}`
  }

  /** @returns undefined unless it was signed here; how old it is, its proofs say */
  read(value: string): PendingSignIn | undefined {
    const [text = '', signature = ''] = value.split('.')
    if (!this.#secrets.some((secret) => isSame(signature, sign(secret, text)))) return undefined
    const fields = JSON.parse(Buffer.from(text, 'base64url').toString())
    const [account, version, proofs, remember, next, ofSession] = fields
    return { account, version, proofs, remember, next, ofSession }
  }
}

function sign(secret: string, text: string): string {
  return createHmac('sha256', secret).update(`pending sign-in\0${text}`).digest('base64url')
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
