import { remember } from '../primitives/memoize.ts'
import english from './languages/en.ts'
import type { Gap, Gaps, Saying, Text, TextKey, Texts } from './texts.ts'

declare global {
  namespace Intl {
    interface Locale {
      getTextInfo(): { readonly direction: 'ltr' | 'rtl' }
    }
  }
}

/** Every second one is the name of a gap. There are a few hundred sentences in each language. */
const piecesOf = remember(10_000, (sentence: string) => sentence.split(/\{(\w+)\}/))

/** Everything in one language. */
export class Language {
  /** As in BCP 47: `de`, `pt-BR`. */
  readonly tag: string
  readonly direction: 'ltr' | 'rtl'
  readonly #texts: ReadonlyMap<string, Text>
  readonly #plurals: Intl.PluralRules
  readonly #lists: Intl.ListFormat

  /** @param own what is to be said in other words; a text of a key that there is not is never said */
  constructor(tag: string, texts: Texts, own: object = {}) {
    this.tag = tag
    this.direction = new Intl.Locale(tag).getTextInfo().direction
    this.#texts = new Map([...textsIn(texts), ...textsIn(own)])
    this.#plurals = new Intl.PluralRules(tag)
    this.#lists = new Intl.ListFormat(tag)
  }

  get keys(): readonly string[] {
    return [...this.#texts.keys()]
  }

  has(key: string): boolean {
    return this.#texts.has(key)
  }

  /** @throws {TypeError} when there is no such text: whoever wrote the view has to know */
  say(key: TextKey, gaps: Gaps = {}): string {
    const text = this.#texts.get(key)
    if (text === undefined) throw new TypeError(`There is no text "${key}" in src/i18n/languages/`)
    const sentence = typeof text === 'string' ? text : this.#form(text, gaps.count)
    return piecesOf(sentence).reduce(
      (said, piece, index) => said + (index % 2 === 0 ? piece : this.#inGap(piece, gaps)),
      ''
    )
  }

  /** A gap that nothing fills stays as it is: a script may do it. */
  #inGap(name: string, gaps: Gaps): string {
    return name in gaps ? this.#fill(gaps[name]) : `{${name}}`
  }

  #form(forms: Exclude<Text, string>, count: Gap | undefined): string {
    return forms[this.#plurals.select(Number(count))] ?? forms.other
  }

  #fill(gap: Gap | undefined): string {
    if (typeof gap === 'number') return String(gap)
    if (typeof gap === 'string') return this.#isolated(gap)
    if (Array.isArray(gap)) return this.#lists.format(gap.map((part) => this.#fill(part)))
    return isSaying(gap) ? this.say(gap.key, gap.gaps) : ''
  }

  /** A name in another script must not turn the sentence around it (as <bdi> does, where there is no HTML). */
  #isolated(text: string): string {
    const blendsIn = this.direction === 'ltr' && /^[\p{Script=Latin}\p{Script=Common}]*$/u.test(text)
    return blendsIn ? text : `\u2068${text}\u2069`
  }
}

const inEnglishOnly = new Language('en', english)

/** Whether every language has such a text. */
export function isTextKey(key: string): key is TextKey {
  return inEnglishOnly.has(key)
}

/** For programs and logs, and for people where their language is not known. */
export function inEnglish({ key, gaps }: Saying): string {
  return inEnglishOnly.say(key, gaps)
}

function isSaying(gap: Gap | undefined): gap is Saying {
  return typeof gap === 'object' && 'key' in gap
}

/** Every text with its key, `login.title`; whatever else is a group of more. */
export function* textsIn(group: object, prefix = ''): Generator<[string, Text]> {
  for (const [name, value] of Object.entries(group)) {
    if (isText(value)) yield [prefix + name, value]
    else if (typeof value === 'object' && value !== null) yield* textsIn(value, `${prefix}${name}.`)
  }
}

function isText(value: unknown): value is Text {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && 'other' in value)
}
