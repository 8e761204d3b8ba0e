import { joinersAreNeeded } from './joiners.ts'

/** A name under the profile, or what it must not contain. */
export type Enforced =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly character: string }
  /** Letters of both writing directions in one word. */
  | { readonly ok: false; readonly character: undefined }

/**
 * The profile UsernameCasePreserved of PRECIS (RFC 8265 §3.4): half and full width become one, accents are composed,
 * and only letters, digits and ASCII are allowed, in words with a single space between them. Further spaces between
 * words are left out.
 * @param text of limited length: composing takes time quadratic in the number of accents
 */
export function usernameCasePreserved(text: string): Enforced {
  const name = text
    .replace(wide, (each) => each.normalize('NFKC'))
    .normalize('NFC')
    .replace(/ {2,}/g, ' ')
  for (const word of name.split(' ')) {
    const character = Array.from(word).find((each) => !isAllowed(each)) ?? outOfContext(word)
    if (character !== undefined) return { ok: false, character }
    if (!hasOneDirection(word)) return { ok: false, character: undefined }
  }
  return { ok: true, name }
}

/** Characters of East Asian width (RFC 8264 §5.2.1); U+3000 becomes a space. */
const wide = /[\u3000\uff01-\uff60\uff61-\uffdc\uffe0-\uffe6\uffe8-\uffee]/gu

const ascii = /[!-~]/
const allowedExceptions = /[\u00df\u03c2\u06fd\u06fe\u0f0b\u3007]/
const refusedExceptions = /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/
/** Characters with a rule of their own: joiners and RFC 5892, Appendix A.3 to A.9. */
const contextual = /[\u200c-\u200d\u00b7\u0375\u05f3\u05f4\u30fb\u0660-\u0669\u06f0-\u06f9]/
const oldHangul = /[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/
const ignorable = /\p{Default_Ignorable_Code_Point}/u
const letterOrDigit = /[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]/u

/** The IdentifierClass of one code point, without its context (RFC 8264 §8, in that order). */
export function isAllowed(character: string): boolean {
  if (ascii.test(character) || allowedExceptions.test(character)) return true
  if (refusedExceptions.test(character)) return false
  if (contextual.test(character)) return true
  if (oldHangul.test(character) || ignorable.test(character)) return false
  return character.normalize('NFKC') === character && letterOrDigit.test(character)
}

/** A character that stands where it must not. */
function outOfContext(word: string): string | undefined {
  const rest = word
    .replace(/(?<=l)\u00b7(?=l)/g, '')
    .replace(/\u0375(?=\p{Script=Greek})/gu, '')
    .replace(/(?<=\p{Script=Hebrew})[\u05f3\u05f4]/gu, '')
    .replace(/\u30fb/g, (dot) =>
      /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(word) ? '' : dot
    )
  const [found] = /[\u00b7\u0375\u05f3\u05f4\u30fb]/.exec(rest) ?? []
  if (found !== undefined) return found
  if (!joinersAreNeeded(word)) return /[\u200c\u200d]/.exec(word)?.[0]
  return /[\u0660-\u0669]/.test(word) ? /[\u06f0-\u06f9]/.exec(word)?.[0] : undefined
}

/** Blocks whose letters run from right to left. */
const rightToLeft = '\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}'
const anyRightToLeft = new RegExp(`[${rightToLeft}]`, 'u')
/** Begins with a letter of that direction, has none of the other, and does not end with a sign. */
const wholeRightToLeft = new RegExp(
  `^(?=[${rightToLeft}])(?!\\p{Nd})(?:[${rightToLeft}]|[^\\p{L}])*[${rightToLeft}\\p{Nd}]\\p{Mn}*$`,
  'u'
)

/** Whether a word has a letter that runs from right to left. */
export function isRightToLeft(word: string): boolean {
  return anyRightToLeft.test(word)
}

/** The Bidi Rule (RFC 5893 §2), by blocks, for words with a letter that runs from right to left. */
function hasOneDirection(word: string): boolean {
  if (!isRightToLeft(word)) return true
  return wholeRightToLeft.test(word) && !(/[0-9\u06f0-\u06f9]/.test(word) && /[\u0660-\u0669]/.test(word))
}
