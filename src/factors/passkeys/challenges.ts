import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a passkey is asked for. A challenge for one thing is none for another. */
export type ChallengePurpose = 'add' | 'sign-in' | 'second-factor'

export interface ChallengeSubject {
  readonly purpose: ChallengePurpose
  /** The id of the account that it is for; undefined at sign-in, where nobody is known yet. */
  readonly accountId?: string | undefined
}

/** A challenge that came back in time. */
export interface Challenge {
  /** Is spent when the ceremony has succeeded: a challenge counts once. */
  readonly spendKey: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

const randomLength = 32
const timeLength = 6
const signatureLength = 16

/**
 * Challenges of WebAuthn: 32 random bytes (at least 16: WebAuthn Level 3 §13.4.3), when they end, and a signature over
 * both and what they are for. So nothing is stored for whoever opens a page.
 */
export class PasskeyChallenges {
  readonly #secrets: readonly string[]
  readonly #now: () => number

  /** @param secrets the first signs, all verify */
  constructor(secrets: readonly string[], now: () => number) {
    this.#secrets = secrets
    this.#now = now
  }

  /** How long one can be answered, in milliseconds. */
  static readonly lifetime = 5 * 60_000

  /** @returns base64url */
  make(subject: ChallengeSubject): string {
    const content = Buffer.alloc(randomLength + timeLength)
    randomBytes(randomLength).copy(content)
    content.writeUIntBE(Math.floor(this.#now()) + PasskeyChallenges.lifetime, randomLength, timeLength)
    return Buffer.concat([content, sign(this.#secrets[0] ?? '', subject, content)]).toString('base64url')
  }

  /** @returns undefined for one that is not ours, that is for something or somebody else, or too old */
  check(challenge: string, subject: ChallengeSubject): Challenge | undefined {
    const bytes = Buffer.from(challenge, 'base64url')
    const length = randomLength + timeLength
    if (bytes.length !== length + signatureLength) return undefined
    const [content, signature] = [bytes.subarray(0, length), bytes.subarray(length)]
    const isOurs = this.#secrets.some((secret) => timingSafeEqual(signature, sign(secret, subject, content)))
    const expiresAt = content.readUIntBE(randomLength, timeLength)
    if (!isOurs || this.#now() > expiresAt) return undefined
    return { spendKey: `passkey:${content.toString('base64url')}`, expiresAt }
  }
}

/** Half of HMAC-SHA256. Other things are signed with the same secret, but begin otherwise. */
function sign(secret: string, { purpose, accountId = '' }: ChallengeSubject, content: Buffer): Buffer {
  const hmac = createHmac('sha256', secret).update(`passkey\0${purpose}\0${accountId}\0`).update(content)
  return hmac.digest().subarray(0, signatureLength)
}
