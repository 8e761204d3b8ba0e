import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** BCP 47 tags separated by commas, in canonical form; none for an empty text. */
export function parseLanguageTags(value: string): readonly string[] {
  if (value === '') return []
  try {
    return Intl.getCanonicalLocales(value.split(',').map((tag) => tag.trim()))
  } catch {
    throw new Error(`is "${value}", it must be languages, such as en,de`)
  }
}

/** The languages in languages/; the file name is the tag: `de.ts`, `pt-BR.ts`. */
export function shippedTags(): readonly string[] {
  const files = readdirSync(join(import.meta.dirname, 'languages'))
  return files.flatMap((file) => /^([\w-]+)\.[jt]s$/.exec(file)?.[1] ?? []).sort()
}

/** All available languages, English first. @param own custom texts of TEXTS, by tag */
export function availableTags(own: ReadonlyMap<string, object>): readonly string[] {
  return [...new Set(['en', ...shippedTags(), ...own.keys()])]
}

/** A fault if LANGUAGES has a language that is neither in languages/ nor in TEXTS. */
export function languageFaults({ languages, texts }: LanguageSettings): string[] {
  const available = availableTags(texts)
  const unknown = languages.filter((tag) => !available.includes(tag))
  if (unknown.length === 0) return []
  return [`LANGUAGES names ${unknown.join(', ')}, but there are only ${available.join(', ')}`]
}

export interface LanguageSettings {
  /** BCP 47 tags of the languages of the pages; the first is the fallback. Empty: all languages. */
  readonly languages: readonly string[]
  /** Custom texts by language tag. */
  readonly texts: ReadonlyMap<string, object>
}
