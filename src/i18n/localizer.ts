import { memoize } from '../primitives/memoize.ts'
import type { Language } from './language.ts'
import type { Message, Params, TextKey } from './texts.ts'

const dateParts = { day: 'numeric', month: 'short', year: 'numeric' } as const
const timeParts = { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const

interface Explainable {
  readonly userMessage?: Message | undefined
  readonly message: string
}

/** From the largest: how many seconds each has. */
const spans = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1]
] as const

/** Making one takes many times as long as a page; browsers may name any of thousands of locales. */
const maxLocales = 100
const maxMinutes = 500
const minuteMilliseconds = 60_000

/** By locale and by minute, of which no more is shown: whoever signed in then sees it on page after page. */
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

/** Somebody who reads one of the languages, with dates as in their part of the world. Each of its words goes into views by itself. */
export class Localizer {
  readonly language: Language
  readonly #locale: string

  /** @param wanted tags the reader would like, best first; whatever they hold */
  constructor(language: Language, wanted: readonly string[]) {
    this.language = language
    this.#locale = localeOf(language, wanted)
  }

  readonly t = (what: Message | TextKey, params: Params = {}): string =>
    typeof what === 'string' ? this.language.t(what, params) : this.language.t(what.key, what.params)

  /** What an error means; in its own words where it has no others. */
  readonly explain = ({ userMessage, message }: Explainable): string =>
    userMessage ? this.t(userMessage) : message

  /** Day and time with the time zone, which is the server's: a reader's is not known. */
  readonly date = (at: number | Date): string => dates(this.#locale)(minuteOf(at))

  /** The same for a machine: `2026-11-24T23:29Z`. */
  readonly isoDate = (at: number | Date): string => isoMinutes(minuteOf(at))

  /** `3 hours ago`, `in 2 minutes`: the same in every time zone. */
  readonly ago = (at: number | Date, now = Date.now()): string => {
    const seconds = Math.round((Number(at) - now) / 1000)
    const [unit, size] = spans.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
    return agoFormats(this.#locale).format(Math.trunc(seconds / size), unit)
  }
}

function minuteOf(at: number | Date): number {
  return Math.floor(Number(at) / minuteMilliseconds)
}

/** en-GB for who wants that and reads English: the language decides, its variant says how dates look. */
function localeOf({ tag }: Language, wanted: readonly string[]): string {
  const variant = wanted.find((wanted) => wanted.startsWith(`${tag}-`))
  try {
    return Intl.getCanonicalLocales(variant ?? tag)[0] ?? tag
  } catch {
    return tag
  }
}
