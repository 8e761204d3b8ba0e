import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { memoize } from '../primitives/memoize.ts'
import { acceptedLanguages, firstEntries } from '../web/accepted.ts'
import { Language } from './language.ts'
import { availableTags, shippedTags } from './language-tags.ts'
import { Localizer } from './localizer.ts'
import { countMissing, type OwnTexts } from './own-texts.ts'
import type { Texts } from './texts.ts'

/** The languages of the pages. */
export class Languages {
  readonly all: readonly Language[]
  /**
   * The number of texts that a language lacks, by tag; they are shown in English. Complete languages are left
   * out.
   */
  readonly missing: ReadonlyMap<string, number>
  readonly #tags: string[]
  /** By Accept-Language: all browsers of one kind send the same. */
  readonly #localizers = memoize(500, (header: string | undefined) => this.#findLocalizer(header))

  /** @param all the first is the fallback */
  constructor(all: readonly Language[], missing: ReadonlyMap<string, number> = new Map()) {
    this.all = all
    this.missing = missing
    this.#tags = this.all.map(({ tag }) => tag)
  }

  /** The localizer for a request's language (RFC 9110 §12.5.4). */
  localizerOf(request: IncomingMessage): Localizer {
    return this.#localizers(firstEntries(request.headers['accept-language']))
  }

  /** @param locale as `Localizer.locale`: the language of an account; undefined: the fallback */
  localizerFor(locale: string | undefined): Localizer {
    return this.#localizers(locale)
  }

  #findLocalizer(header: string | undefined): Localizer {
    const [tag] = acceptedLanguages(header, this.#tags)
    const language = this.all.find((language) => language.tag === tag) ?? this.all[0]
    if (!language) throw new TypeError('There is always a first language')
    return new Localizer(language, acceptedLanguages(header))
  }
}

export interface LanguageChoice {
  /** Tags of available languages in order of preference; none: all. */
  readonly asked?: readonly string[]
  /** Custom texts, and custom languages, which use English for texts that they lack. */
  readonly own?: OwnTexts
}

/** All available languages, English first; or the ones asked for, in their order. */
export async function openLanguages({
  asked = [],
  own = new Map()
}: LanguageChoice = {}): Promise<Languages> {
  const ours = shippedTags()
  const tags = asked.length > 0 ? [...new Set(asked)] : availableTags(own)
  const languages = tags.map(async (tag) => {
    const texts = await load(ours.includes(tag) ? tag : 'en')
    return new Language(tag, texts, own.get(tag))
  })
  const added = tags.filter((tag) => !ours.includes(tag))
  const missing = added.map((tag) => [tag, countMissing(own.get(tag) ?? {})] as const)
  return new Languages(await Promise.all(languages), new Map(missing.filter(([, count]) => count > 0)))
}

async function load(tag: string): Promise<Texts> {
  const file = join(import.meta.dirname, 'languages', tag + import.meta.filename.slice(-3))
  const { default: texts }: { default: Texts } = await import(pathToFileURL(file).href)
  return texts
}
