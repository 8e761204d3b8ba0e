import { type Message, message } from '../i18n/texts.ts'
import { usernameCasePreserved } from './precis.ts'

export type NameCheck =
  | { readonly ok: true; readonly name: string; readonly key: string }
  | { readonly ok: false; readonly reason: Message }

const maxNameLength = 64
/**
 * In UTF-16 units, decomposed: more than any name needs. Unicode's reordering of accents takes time quadratic
 * in their number, so a few bytes more would block everybody.
 */
const maxUnnormalizedLength = 512
const invisible = /\p{Default_Ignorable_Code_Point}/gu

/**
 * Checks a new user name: 1 to 64 code points, no space at the ends, and of letters, digits and ASCII alone, so that two
 * names never differ in what nobody can see. An e-mail address is allowed. Names that merely look alike: skeletons.ts.
 * @returns the name as PRECIS writes it (RFC 8265), and its key for comparison
 */
export function checkName(text: string): NameCheck {
  const length = [...text].length
  if (length === 0) return invalid(message('names.missing'))
  if (length > maxNameLength) return invalid(message('names.tooLong', { count: length, most: maxNameLength }))
  if (text !== text.trim()) return invalid(message('names.spaceAround'))
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\uFFFD]/u.test(text)) {
    return invalid(message('names.control'))
  }
  if (nameKey(text) === '') return invalid(message('names.invisible'))
  const enforced = usernameCasePreserved(text)
  if (enforced.ok) return { ok: true, name: enforced.name, key: nameKey(enforced.name) }
  const { character } = enforced
  return invalid(
    character === undefined
      ? message('names.directions')
      : message('names.character', { character: described(character) })
  )
}

/**
 * The key of a name: two spellings with the same key are the same user. As in Unicode's toNFKC_Casefold,
 * compatibility forms, case and invisible characters make no difference; neither does a space at the end, or more than
 * one between words.
 * @returns '', which belongs to nobody, for a text longer than any name
 */
export function nameKey(name: string): string {
  const seen = name.replace(invisible, '')
  if (seen.length > maxUnnormalizedLength) return ''
  const visible = seen.normalize('NFKC')
  // Up and down, because some letters have several capitals; a sigma is one letter in every position.
  const folded = visible.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ')
  // PostgreSQL's text cannot contain NUL; its replacement is in no name either.
  const known = folded.replace(invisible, '').normalize('NFKC').replaceAll('\0', '\uFFFD')
  return known.replace(/\s+/g, ' ').trim()
}

/** `☃ (U+2603)`; what cannot be seen, only by its number. */
function described(character: string): string {
  const number = `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) ? `${character} (${number})` : number
}

function invalid(reason: Message): NameCheck {
  return { ok: false, reason }
}
