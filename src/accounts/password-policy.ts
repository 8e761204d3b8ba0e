import { type Message, message } from '../i18n/texts.ts'
import { type EasyKind, type EasyWords, easyKinds, foldCase } from './easy-passwords.ts'

export type PasswordCheck = { readonly ok: true } | { readonly ok: false; readonly reason: Message }

export interface PasswordPolicyOptions {
  /** In code points. */
  readonly minLength: number
  /** The address of the service: its host name is an obvious guess. */
  readonly publicUrl?: URL | undefined
  /** The name of the site. */
  readonly siteName?: string | undefined
}

/** In code points, after NFC. Enough for any passphrase, and cheap to hash. */
export const maxPasswordLength = 256

/** In UTF-16 units: a code point has at most two, and Unicode composes it of at most four. */
const maxUnnormalizedLength = maxPasswordLength * 2 * 4

const serviceName = 'latchkey'

/**
 * Requirements for new passwords: long enough and not easy to guess, nothing else (NIST SP 800-63B-4
 * §3.1.1.2, ASVS 6.2.4, 6.2.5, 6.2.9, 6.2.11). Stored passwords are not checked.
 */
export class PasswordPolicy {
  readonly minLength: number
  readonly #siteWords: readonly string[]

  constructor({ minLength, publicUrl, siteName = '' }: PasswordPolicyOptions) {
    this.minLength = minLength
    this.#siteWords = [serviceName, ...wordsIn(siteName), ...wordsIn(publicUrl?.hostname ?? '')]
  }

  /** @returns why the password was refused, and how to improve it */
  async check({ username, password }: { username: string; password: string }): Promise<PasswordCheck> {
    const length = checkLength(password, this.minLength)
    if (!length.ok) return length
    const kinds = easyKinds(password, await this.#easyWords(username))
    return kinds.length === 0 ? { ok: true } : invalid(easyReason(kinds))
  }

  async #easyWords(username: string): Promise<EasyWords> {
    return { common: await commonPasswords(), context: new Set([...this.#siteWords, ...wordsIn(username)]) }
  }
}

/**
 * In code points, after NFC. A text that is too long in any form is counted without NFC, because Unicode's
 * reordering of accents takes time quadratic in their number.
 */
export function lengthOf(password: string): number {
  return [...(password.length > maxUnnormalizedLength ? password : password.normalize('NFC'))].length
}

let common: Promise<ReadonlySet<string>> | undefined

/**
 * The 49,000 most common passwords, in lower case. Loading takes about 30 ms and 10 MB, once in a process,
 * when the first password is chosen.
 */
function commonPasswords(): Promise<ReadonlySet<string>> {
  common ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'])
  )
  return common
}

/** The name or host name itself, and its words. */
function wordsIn(text: string): string[] {
  const whole = foldCase(text)
  return [whole, ...whole.split(/[^\p{L}\p{N}]+/u)].filter((word) => word.length >= 3)
}

function checkLength(password: string, minLength: number): PasswordCheck {
  const length = lengthOf(password)
  if (length === 0) return invalid(message('passwords.missing'))
  if (length < minLength) return invalid(message('passwords.tooShort', { count: length, least: minLength }))
  if (length > maxPasswordLength)
    return invalid(message('passwords.tooLong', { count: length, most: maxPasswordLength }))
  if (!password.isWellFormed() || password.includes('\uFFFD'))
    return invalid(message('passwords.halfCharacter'))
  return { ok: true }
}

/** Quotes no part of the password: somebody may read the page over a shoulder. */
function easyReason(kinds: readonly EasyKind[]): Message {
  return message('passwords.easy', { kinds: kinds.map((kind) => message(`passwords.easyKinds.${kind}`)) })
}

function invalid(reason: Message): PasswordCheck {
  return { ok: false, reason }
}
