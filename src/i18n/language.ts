import { memoize } from '../primitives/memoize.ts'
import { once } from '../primitives/once.ts'
import english from './languages/en.ts'
import type { Message, Param, Params, Text, TextKey, Texts } from './texts.ts'

declare global {
  namespace Intl {
    interface Locale {
      getTextInfo(): { readonly direction: 'ltr' | 'rtl' }
    }
  }
}

/** Every second piece is the name of a parameter. There are a few hundred texts in each language. */
const piecesOf = memoize(10_000, (sentence: string) => sentence.split(/\{(\w+)\}/))

/** The texts of one language. */
export class Language {
  /** A BCP 47 tag: `de`, `pt-BR`. */
  readonly tag: string
  readonly direction: 'ltr' | 'rtl'
  readonly #texts: ReadonlyMap<string, Text>
  readonly #pluralOf: (count: number, source: undefined) => Intl.LDMLPluralRule
  /** Takes 10 ms, and few pages have a list. */
  readonly #lists = once(() => new Intl.ListFormat(this.tag))

  /** @param own custom texts; unknown keys are never used */
  constructor(tag: string, texts: Texts, own: object = {}) {
    this.tag = tag
    this.direction = new Intl.Locale(tag).getTextInfo().direction
    this.#texts = new Map([...textsIn(texts), ...textsIn(own)])
    const plurals = new Intl.PluralRules(tag)
    this.#pluralOf = memoize(1000, (count: number) => plurals.select(count))
  }

  get keys(): readonly string[] {
    return [...this.#texts.keys()]
  }

  has(key: string): boolean {
    return this.#texts.has(key)
  }

  /** @throws {TypeError} when there is no such text, which is a mistake in the view */
  t(key: TextKey, params: Params = {}): string {
    const text = this.#texts.get(key)
    if (text === undefined) throw new TypeError(`There is no text "${key}" in src/i18n/languages/`)
    const sentence = typeof text === 'string' ? text : this.#pluralForm(text, params.count)
    return piecesOf(sentence).reduce(
      (said, piece, index) => said + (index % 2 === 0 ? piece : this.#param(piece, params)),
      ''
    )
  }

  /** A missing parameter stays in the text: a script may fill it in. */
  #param(name: string, params: Params): string {
    return name in params ? this.#format(params[name]) : `{${name}}`
  }

  #pluralForm(forms: Exclude<Text, string>, count: Param | undefined): string {
    return forms[this.#pluralOf(Number(count), undefined)] ?? forms.other
  }

  #format(param: Param | undefined): string {
    if (typeof param === 'number') return String(param)
    if (typeof param === 'string') return this.#isolate(param)
    if (Array.isArray(param)) return this.#lists().format(param.map((part) => this.#format(part)))
    return isMessage(param) ? this.t(param.key, param.params) : ''
  }

  /** A name in another script must not change the direction of its sentence (as <bdi> in HTML). */
  #isolate(text: string): string {
    const blendsIn = this.direction === 'ltr' && /^[\p{Script=Latin}\p{Script=Common}]*$/u.test(text)
    return blendsIn ? text : `\u2068${text}\u2069`
  }
}

const englishLanguage = new Language('en', english)

/** Whether this is the key of a text. */
export function isTextKey(key: string): key is TextKey {
  return englishLanguage.has(key)
}

/** For programs and logs, and for users whose language is unknown. */
export function inEnglish({ key, params }: Message): string {
  return englishLanguage.t(key, params)
}

function isMessage(param: Param | undefined): param is Message {
  return typeof param === 'object' && 'key' in param
}

/** All texts with their keys, `login.title`; anything else is a group. */
export function* textsIn(group: object, prefix = ''): Generator<[string, Text]> {
  for (const [name, value] of Object.entries(group)) {
    if (isText(value)) yield [prefix + name, value]
    else if (typeof value === 'object' && value !== null) yield* textsIn(value, `${prefix}${name}.`)
  }
}

function isText(value: unknown): value is Text {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && 'other' in value)
}
