import { isTextKey, type Language } from '../i18n/language.ts'
import type { Languages } from '../i18n/languages.ts'
import type { PublicPaths } from '../web/public-paths.ts'
import type { Fixed } from './fixed-parts.ts'
import { Views } from './views.ts'

export interface PagesOptions {
  readonly languages: Languages
  /** The folder with all views. */
  readonly folder: string
  /** A folder whose views replace those; undefined for none. */
  readonly own: string | undefined
  /** Fixed parts of pages, in every language. */
  readonly fixed: Fixed
  /** Where the links of the views lead. */
  readonly paths: PublicPaths
}

/** The data of a view; `lang` is the tag of its language. */
type It = Readonly<{ lang: string; [name: string]: unknown }>

/** Views with their layout, compiled once for each language. @fastify/view uses it as an Eta. */
export class Pages {
  readonly #views: ReadonlyMap<string, Views>

  constructor({ languages, folder, own, fixed, paths }: PagesOptions) {
    const views = (language: Language) =>
      new Views({ folder, own, fixed: { ...fixed, ...languageParts(language) }, paths })
    this.#views = new Map(languages.all.map((language) => [language.tag, views(language)]))
  }

  /** Renders a view inside the layout. */
  render(name: string, it: It): string {
    const views = this.#views.get(it.lang)
    if (!views) throw new TypeError(`There are no views in ${it.lang}`)
    return views.render('layout', { ...it, body: views.render(name, it) })
  }

  /** @fastify/view calls it for every page; there is nothing to configure. */
  configure(): void {}
}

function languageParts(language: Language): Fixed {
  return {
    lang: language.tag,
    dir: language.direction,
    t: (key) => (isTextKey(key) ? language.t(key) : undefined)
  }
}
