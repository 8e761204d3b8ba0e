import { type Message, message } from '../i18n/texts.ts'

export type NameCheck =
  | { readonly ok: true; readonly name: string; readonly key: string }
  | { readonly ok: false; readonly reason: Message }

const maxNameLength = 64
/**
 * In UTF-16 units, with every accent apart: longer than any name is spelled. Unicode puts accents in order in a time
 * that grows with the square of their number, so a few bytes more would hold up everybody.
 */
const maxUnnormalizedLength = 512
const invisible = /\p{Default_Ignorable_Code_Point}/gu

/**
 * Checks a name somebody wants: 1 to 64 code points, no space at the ends, no control character, half a
 * surrogate pair, line break or direction override. An e-mail address is a fine name.
 * @returns the name as written, and the key it is compared by
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
 * What names are compared by: two spellings with one key are the same person. As in Unicode's
 * toNFKC_Casefold: compatibility forms, case and invisible characters make no difference. A space that a
 * keyboard adds at the end makes none either.
 * @returns '', which is nobody's, for what is longer than any name
 */
export function nameKey(name: string): string {
  const seen = name.replace(invisible, '')
  if (seen.length > maxUnnormalizedLength) return ''
  const visible = seen.normalize('NFKC')
  // Up and down, because some letters have more than one capital; a sigma is one letter wherever it stands.
  const folded = visible.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ')
  // PostgreSQL's text has no NUL; what stands for it here is in nobody's name either.
  return folded.replace(invisible, '').normalize('NFKC').replaceAll('\0', '\uFFFD').trim()
}

function invalid(reason: Message): NameCheck {
  return { ok: false, reason }
}
