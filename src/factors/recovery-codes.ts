import { hash, randomBytes } from 'node:crypto'

/** How many an account has. */
export const recoveryCodeCount = 10

/** Crockford's base32: I and L are read as 1, O as 0, and there is no U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeLength = 24
const groupLength = 4

/**
 * A new recovery code: 120 random bits, as six groups of four characters. From 112 bits on a plain hash suffices, which
 * an index finds (ASVS 6.5.2).
 */
export function newRecoveryCode(): string {
  const characters = [...randomBytes(codeLength)].map((byte) => alphabet[byte % alphabet.length])
  const groups = Array.from({ length: codeLength / groupLength }, (_, index) =>
    characters.slice(index * groupLength, (index + 1) * groupLength).join('')
  )
  return groups.join('-')
}

/**
 * What is stored of a code. However it is typed: in small letters, with other separators, with O for 0.
 * @returns undefined if it has not the form of a recovery code
 */
export function recoveryCodeHash(typed: string): string | undefined {
  // What is longer is none, and not looked through.
  if (typed.length > 4 * codeLength) return undefined
  const code = typed
    .toUpperCase()
    .replace(/[\s\p{Pd}.,]/gu, '')
    .replace(/[IL]/g, '1')
    .replace(/O/g, '0')
  const isCode = code.length === codeLength && [...code].every((character) => alphabet.includes(character))
  return isCode ? hash('sha256', `latchkey recovery code ${code}`, 'base64url') : undefined
}
