import { memoize } from '../primitives/memoize.ts'
import english from './languages/en.ts'
import type { Message, Param, Params, Text, TextKey, Texts } from './texts.ts'

declare global {
  namespace Intl {
    interface Locale {
      getTextInfo(): { readonly direction: 'ltr' | 'rtl' }
    }
  }
}

/** Every second one is the name of a gap. There are a few hundred sentences in each language. */
const piecesOf = memoize(10_000, (sentence: string) => sentence.split(/\{(\w+)\}/))

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
  t(key: TextKey, params: Params = {}): string {
    const text = this.#texts.get(key)
    if (text === undefined) throw new TypeError(`There is no text "${key}" in src/i18n/languages/`)
    const sentence = typeof text === 'string' ? text : this.#pluralForm(text, params.count)
    return piecesOf(sentence).reduce(
      (said, piece, index) => said + (index % 2 === 0 ? piece : this.#param(piece, params)),
      ''
    )
  }

  /** A gap that nothing fills stays as it is: a script may do it. */
  #param(name: string, params: Params): string {
    return name in params ? this.#format(params[name]) : `{${name}}`
  }

  #pluralForm(forms: Exclude<Text, string>, count: Param | undefined): string {
    return forms[this.#plurals.select(Number(count))] ?? forms.other
  }

  #format(param: Param | undefined): string {
    if (typeof param === 'number') return String(param)
    if (typeof param === 'string') return this.#isolate(param)
    if (Array.isArray(param)) return this.#lists.format(param.map((part) => this.#format(part)))
    return isMessage(param) ? this.t(param.key, param.params) : ''
  }

  /** A name in another script must not turn the sentence around it (as <bdi> does, where there is no HTML). */
  #isolate(text: string): string {
    const blendsIn = this.direction === 'ltr' && /^[\p{Script=Latin}\p{Script=Common}]*$/u.test(text)
    return blendsIn ? text : `\u2068${text}\u2069`
  }
}

const englishLanguage = new Language('en', english)

/** Whether every language has such a text. */
export function isTextKey(key: string): key is TextKey {
  return englishLanguage.has(key)
}

/** For programs and logs, and for people where their language is not known. */
export function inEnglish({ key, params }: Message): string {
  return englishLanguage.t(key, params)
}

function isMessage(param: Param | undefined): param is Message {
  return typeof param === 'object' && 'key' in param
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
