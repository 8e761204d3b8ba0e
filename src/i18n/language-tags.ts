import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** BCP 47 tags separated by commas, in their usual spelling; none in an empty text. */
export function parseLanguageTags(value: string): readonly string[] {
  if (value === '') return []
  try {
    return Intl.getCanonicalLocales(value.split(',').map((tag) => tag.trim()))
  } catch {
    throw new Error(`is "${value}", it must be languages, such as en,de`)
  }
}

/** The languages with a file in languages/, whose name is the tag: `de.ts`, `pt-BR.ts`. */
export function shippedTags(): readonly string[] {
  const files = readdirSync(join(import.meta.dirname, 'languages'))
  return files.flatMap((file) => /^([\w-]+)\.[jt]s$/.exec(file)?.[1] ?? []).sort()
}

/** Every language that pages can come in, English first. @param own by tag, what TEXTS says in other words */
export function availableTags(own: ReadonlyMap<string, object>): readonly string[] {
  return [...new Set(['en', ...shippedTags(), ...own.keys()])]
}

/** A sentence where LANGUAGES names a language that neither languages/ nor TEXTS has. */
export function languageFaults({ languages, texts }: LanguageSettings): string[] {
  const available = availableTags(texts)
  const unknown = languages.filter((tag) => !available.includes(tag))
  if (unknown.length === 0) return []
  return [`LANGUAGES names ${unknown.join(', ')}, and there are only ${available.join(', ')}`]
}

export interface LanguageSettings {
  /** BCP 47 tags of those that pages come in, the first for who wants none of them; empty: all there are. */
  readonly languages: readonly string[]
  /** By the tag of a language, what is said there in other words. */
  readonly texts: ReadonlyMap<string, object>
}
