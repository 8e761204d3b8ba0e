import { readdir } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import accepts from 'accepts'
import { ConfigError } from '../errors.ts'
import { Language } from './language.ts'
import { Reader } from './reader.ts'
import type { Texts } from './texts.ts'

const folder = join(import.meta.dirname, 'languages')

/** The languages that pages come in. */
export class Languages {
  readonly all: readonly Language[]
  readonly #tags: string[]

  /** @param first the one for who wants none of them */
  constructor(first: Language, ...more: readonly Language[]) {
    this.all = [first, ...more]
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

/**
 * Every language with a file in languages/, English first; or those that are asked for, in that order.
 * @throws {ConfigError} when there is no such language
 */
export async function openLanguages(asked: readonly string[] = []): Promise<Languages> {
  const there = await tagsIn(folder)
  const missing = asked.filter((tag) => !there.includes(tag))
  if (missing.length > 0) {
    throw new ConfigError([`LANGUAGES names ${missing.join(', ')}, and there are only ${there.join(', ')}`])
  }
  const [first = 'en', ...more] = new Set(asked.length > 0 ? asked : ['en', ...there])
  return new Languages(await load(first), ...(await Promise.all(more.map(load))))
}

/** A language is there when a file has its tag for a name: `de.ts`, `pt-BR.ts`. */
async function tagsIn(folder: string): Promise<string[]> {
  const files = await readdir(folder)
  return files.flatMap((file) => /^([\w-]+)\.[jt]s$/.exec(file)?.[1] ?? []).sort()
}

async function load(tag: string): Promise<Language> {
  const file = join(folder, tag + import.meta.filename.slice(-3))
  const { default: texts }: { default: Texts } = await import(pathToFileURL(file).href)
  return new Language(tag, texts)
}
