import { memoize } from '../primitives/memoize.ts'
import type { Language } from './language.ts'
import type { Message, Params, TextKey } from './texts.ts'

const dateParts = { day: 'numeric', month: 'short', year: 'numeric' } as const
const timeParts = { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const

interface Explainable {
  readonly userMessage?: Message | undefined
  readonly message: string
}

/** The largest first, with the number of seconds. */
const spans = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1]
] as const

/** Making a format takes many times as long as a page, and browsers may send any of thousands of locales. */
const maxLocales = 100
/** Room for any tag that is in use: RFC 5646 §4.4.1. */
const longestTag = 35
const maxMinutes = 500
const minuteMilliseconds = 60_000

/** Memoized by locale and minute, the smallest unit shown: pages show the same time again and again. */
const dates = memoize(maxLocales, (locale: string) => {
  const format = new Intl.DateTimeFormat(locale, { ...dateParts, ...timeParts })
  return memoize(maxMinutes, (minute: number) => format.format(minute * minuteMilliseconds))
})
const isoMinutes = memoize(maxMinutes, (minute: number) =>
  new Date(minute * minuteMilliseconds).toISOString().replace(':00.000', '')
)
const agoFormats = memoize(
  maxLocales,
  (locale: string) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
)

/** Texts, dates and times for a reader. Its methods are passed to views one by one, hence arrow functions. */
export class Localizer {
  readonly language: Language
  /** The reader's variant of the language, a BCP 47 tag: `en-GB`. */
  readonly locale: string

  /** @param wanted the reader's language tags, best first; untrusted input */
  constructor(language: Language, wanted: readonly string[]) {
    this.language = language
    this.locale = localeOf(language, wanted)
  }

  readonly t = (what: Message | TextKey, params: Params = {}): string =>
    typeof what === 'string' ? this.language.t(what, params) : this.language.t(what.key, what.params)

  /** The text of an error, or its message if it has none. */
  readonly explain = ({ userMessage, message }: Explainable): string =>
    userMessage ? this.t(userMessage) : message

  /** Date and time in the server's time zone, with its name: the reader's is unknown. */
  readonly date = (at: number | Date): string => dates(this.locale)(minuteOf(at))

  /** The same in ISO format: `2026-11-24T23:29Z`. */
  readonly isoDate = (at: number | Date): string => isoMinutes(minuteOf(at))

  /** `3 hours ago`, `in 2 minutes`. */
  readonly ago = (at: number | Date, now = Date.now()): string => {
    const seconds = Math.round((Number(at) - now) / 1000)
    const [unit, size] = spans.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
    return agoFormats(this.locale).format(Math.trunc(seconds / size), unit)
  }
}

function minuteOf(at: number | Date): number {
  return Math.floor(Number(at) / minuteMilliseconds)
}

/** The reader's variant of the language, such as en-GB, decides about date formats. */
function localeOf({ tag }: Language, wanted: readonly string[]): string {
  const variant = wanted.find((wanted) => wanted.startsWith(`${tag}-`) && wanted.length <= longestTag)
  try {
    return Intl.getCanonicalLocales(variant ?? tag)[0] ?? tag
  } catch {
    return tag
  }
}
