import { type Message, message } from '../i18n/texts.ts'

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
 * Checks a new user name: 1 to 64 code points, no space at the ends, no control character, half a surrogate
 * pair, line break or direction override. An e-mail address is allowed.
 * @returns the name as written, and its key for comparison
 */
export function checkName(name: string): NameCheck {
  const length = [...name].length
  if (length === 0) return invalid(message('names.missing'))
  if (length > maxNameLength) return invalid(message('names.tooLong', { count: length, most: maxNameLength }))
  if (name !== name.trim()) return invalid(message('names.spaceAround'))
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\uFFFD]/u.test(name)) {
    return invalid(message('names.control'))
  }
  const key = nameKey(name)
  if (key === '') return invalid(message('names.invisible'))
  return { ok: true, name, key }
}

/**
 * The key of a name: two spellings with the same key are the same user. As in Unicode's toNFKC_Casefold,
 * compatibility forms, case and invisible characters make no difference; neither does a space at the end.
 * @returns '', which belongs to nobody, for a text longer than any name
 */
export function nameKey(name: string): string {
  const seen = name.replace(invisible, '')
  if (seen.length > maxUnnormalizedLength) return ''
  const visible = seen.normalize('NFKC')
  // Up and down, because some letters have several capitals; a sigma is one letter in every position.
  const folded = visible.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ')
  // PostgreSQL's text cannot contain NUL; its replacement is in no name either.
  return folded.replace(invisible, '').normalize('NFKC').replaceAll('\0', '\uFFFD').trim()
}

function invalid(reason: Message): NameCheck {
  return { ok: false, reason }
}
