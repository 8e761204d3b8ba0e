import { isTextKey, type Language } from '../i18n/language.ts'
import type { Languages } from '../i18n/languages.ts'
import type { Fixed } from './fixed-parts.ts'
import { Views } from './views.ts'

export interface PagesOptions {
  readonly languages: Languages
  /** Where every view is. */
  readonly folder: string
  /** Asked first; undefined for none. */
  readonly own: string | undefined
  /** What every page says alike, in whatever language. */
  readonly fixed: Fixed
}

/** What there is to say; `lang` is the tag of one of the languages. */
type It = Readonly<{ lang: string; [name: string]: unknown }>

/** Views inside their layout, compiled once for each language. For @fastify/view it is an Eta. */
export class Pages {
  readonly #views: ReadonlyMap<string, Views>

  constructor({ languages, folder, own, fixed }: PagesOptions) {
    const views = (language: Language) =>
      new Views({ folder, own, fixed: { ...fixed, ...languageParts(language) } })
    this.#views = new Map(languages.all.map((language) => [language.tag, views(language)]))
  }

  /** A view inside the layout. */
  render(name: string, it: It): string {
    const views = this.#views.get(it.lang)
    if (!views) throw new TypeError(`There are no views in ${it.lang}`)
    return views.render('layout', { ...it, body: views.render(name, it) })
  }

  /** @fastify/view says before every page what is settled already. */
  configure(): void {}
}

function languageParts(language: Language): Fixed {
  return {
    lang: language.tag,
    dir: language.direction,
    t: (key) => (isTextKey(key) ? language.t(key) : undefined)
  }
}
