import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../src/i18n/languages')
const languages: object[] = []
for (const file of readdirSync(folder)) languages.push((await import(join(folder, file))).default)

/** A file for the setting TEXTS: each text from the language in which it is longest. */
export function wordiestTexts(): string {
  return JSON.stringify(wordiest(languages))
}

function wordiest(said: readonly unknown[]): unknown {
  const [first] = said
  if (typeof first === 'string' || Object.hasOwn(Object(first), 'other'))
    return said.toSorted(byLength).at(-1)
  const parts = Object.keys(Object(first)).map((name) => [
    name,
    wordiest(said.map((texts) => Reflect.get(Object(texts), name)))
  ])
  return Object.fromEntries(parts)
}

const byLength = (one: unknown, other: unknown) => JSON.stringify(one).length - JSON.stringify(other).length
