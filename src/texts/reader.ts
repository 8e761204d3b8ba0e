import { LRUCache } from 'lru-cache'
import type { Language } from './language.ts'
import type { Gaps, Saying, TextKey } from './texts.ts'

const dateParts = { day: 'numeric', month: 'short', year: 'numeric' } as const
const timeParts = { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const

/** From the largest: how many seconds each has. */
const spans = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1]
] as const

/** Making one takes many times as long as a page; browsers may name any of thousands of locales. */
const most = { max: 100 }
const dateFormats = new LRUCache<string, Intl.DateTimeFormat>({
  ...most,
  memoMethod: (locale) => new Intl.DateTimeFormat(locale, { ...dateParts, ...timeParts })
})
const agoFormats = new LRUCache<string, Intl.RelativeTimeFormat>({
  ...most,
  memoMethod: (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
})

/** Somebody who reads one of the languages, with dates as in their part of the world. */
export class Reader {
  readonly language: Language
  readonly #wanted: readonly string[]

  /** @param wanted tags the reader would like, best first; whatever they hold */
  constructor(language: Language, wanted: readonly string[]) {
    this.language = language
    this.#wanted = wanted
  }

  say(what: Saying | TextKey, gaps: Gaps = {}): string {
    return typeof what === 'string' ? this.language.say(what, gaps) : this.language.say(what.key, what.gaps)
  }

  /** What an error means; in its own words where it has no others. */
  explain({ saying, message }: { readonly saying?: Saying | undefined; readonly message: string }): string {
    return saying ? this.say(saying) : message
  }

  /** Day and time with the time zone, which is the server's: a reader's is not known. */
  date(at: number | Date): string {
    return dateFormats.memo(this.#locale).format(at)
  }

  /** `3 hours ago`, `in 2 minutes`: the same in every time zone. */
  ago(at: number | Date, now = Date.now()): string {
    const seconds = Math.round((Number(at) - now) / 1000)
    const [unit, size] = spans.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
    return agoFormats.memo(this.#locale).format(Math.trunc(seconds / size), unit)
  }

  /** en-GB for who wants that and reads English: the language decides, its variant says how dates look. */
  get #locale(): string {
    const { tag } = this.language
    const variant = this.#wanted.find((wanted) => wanted.startsWith(`${tag}-`))
    try {
      return Intl.getCanonicalLocales(variant ?? tag)[0] ?? tag
    } catch {
      return tag
    }
  }
}
