import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import accepts from 'accepts'
import { memoize } from '../primitives/memoize.ts'
import { Language } from './language.ts'
import { availableTags, shippedTags } from './language-tags.ts'
import { Localizer } from './localizer.ts'
import { countMissing, type OwnTexts } from './own-texts.ts'
import type { Texts } from './texts.ts'

/** The languages that pages come in. */
export class Languages {
  readonly all: readonly Language[]
  /** By tag, how many texts a language lacks, which are said in English; those that lack none are left out. */
  readonly missing: ReadonlyMap<string, number>
  readonly #tags: string[]
  /** By Accept-Language: browsers of one kind send the same. */
  readonly #localizers = memoize(500, (_header: string | undefined, request: IncomingMessage) =>
    this.#findLocalizer(request)
  )

  /** @param all the first is the one for who wants none of them */
  constructor(all: readonly Language[], missing: ReadonlyMap<string, number> = new Map()) {
    this.all = all
    this.missing = missing
    this.#tags = this.all.map(({ tag }) => tag)
  }

  /** Who asks, as far as their language goes (RFC 9110 §12.5.4). */
  localizerOf(request: IncomingMessage): Localizer {
    return this.#localizers(request.headers['accept-language'], request)
  }

  #findLocalizer(request: IncomingMessage): Localizer {
    const wanted = accepts(request)
    const tag = wanted.languages(this.#tags)
    const language = this.all.find((language) => language.tag === tag) ?? this.all[0]
    if (!language) throw new TypeError('There is always a first language')
    return new Localizer(language, wanted.languages())
  }
}

export interface LanguageChoice {
  /** Tags of languages that there are, in the order that counts; none: all of them. */
  readonly asked?: readonly string[]
  /** What is said in other words, and languages that only they have: what those lack is said in English. */
  readonly own?: OwnTexts
}

/** Every language there is, English first; or those that are asked for, in that order. */
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
