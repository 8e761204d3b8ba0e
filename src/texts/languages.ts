import { readdir } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import accepts from 'accepts'
import { ConfigError } from '../errors.ts'
import { Language } from './language.ts'
import type { OwnTexts } from './own-texts.ts'
import { Reader } from './reader.ts'
import type { Texts } from './texts.ts'

const folder = join(import.meta.dirname, 'languages')

/** The languages that pages come in. */
export class Languages {
  readonly all: readonly Language[]
  readonly #tags: string[]

  /** @param all the first is the one for who wants none of them */
  constructor(all: readonly Language[]) {
    this.all = all
    this.#tags = this.all.map(({ tag }) => tag)
  }

  /** Who asks, as far as their language goes (RFC 9110 §12.5.4). */
  readerOf(request: IncomingMessage): Reader {
    const wanted = accepts(request)
    const tag = wanted.languages(this.#tags)
    const language = this.all.find((language) => language.tag === tag) ?? this.all[0]
    if (!language) throw new TypeError('There is always a first language')
    return new Reader(language, wanted.languages())
  }
}

export interface LanguageChoice {
  /** Tags, in the order that counts; none: all there are. */
  readonly asked?: readonly string[]
  /** What is said in other words, and languages that only they have: what those lack is said in English. */
  readonly own?: OwnTexts
}

/**
 * Every language with a file in languages/, English first; or those that are asked for, in that order.
 * @throws {ConfigError} when there is no such language
 */
export async function openLanguages({
  asked = [],
  own = new Map()
}: LanguageChoice = {}): Promise<Languages> {
  const ours = await tagsIn(folder)
  const there = [...new Set(['en', ...ours, ...own.keys()])]
  const missing = asked.filter((tag) => !there.includes(tag))
  if (missing.length > 0) {
    throw new ConfigError([`LANGUAGES names ${missing.join(', ')}, and there are only ${there.join(', ')}`])
  }
  const tags = asked.length > 0 ? [...new Set(asked)] : there
  const languages = tags.map(async (tag) => {
    const texts = await load(ours.includes(tag) ? tag : 'en')
    return new Language(tag, texts, own.get(tag))
  })
  return new Languages(await Promise.all(languages))
}

/** A language is there when a file has its tag for a name: `de.ts`, `pt-BR.ts`. */
async function tagsIn(folder: string): Promise<string[]> {
  const files = await readdir(folder)
  return files.flatMap((file) => /^([\w-]+)\.[jt]s$/.exec(file)?.[1] ?? []).sort()
}

async function load(tag: string): Promise<Texts> {
  const file = join(folder, tag + import.meta.filename.slice(-3))
  const { default: texts }: { default: Texts } = await import(pathToFileURL(file).href)
  return texts
}
