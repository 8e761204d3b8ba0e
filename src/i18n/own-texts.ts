import { readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isHidden, leadsOut } from '../primitives/contained-files.ts'
import { readTextFile } from '../primitives/text-file.ts'
import { textsIn } from './language.ts'
import english from './languages/en.ts'
import { paramsIn, type Text } from './texts.ts'

/** By the tag of a language, what is said there in other words. */
export type OwnTexts = ReadonlyMap<string, object>

const known = new Map(textsIn(english))

/**
 * Reads a folder of files such as `de.json`, with some texts of that language, or all texts of a new one: `{
 * "login": { "title": "Hereinspaziert" } }`.
 * @throws {Error} with a message that completes a sentence starting with the name of the setting
 */
export function readOwnTexts(folder: string): OwnTexts {
  if (folder === '') return new Map()
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`is "${folder}", it must be a folder with texts, such as ./texts`)
  const files = readdirSync(folder).filter((file) => file.endsWith('.json') && !isHidden(file))
  for (const file of files) mustBeIn(folder, file)
  return new Map(files.map((file) => [tagOf(file), readTexts(resolve(folder, file))]))
}

/** How many texts are missing. */
export function countMissing(texts: object): number {
  const there = new Map(textsIn(texts))
  return [...known.keys()].filter((key) => !there.has(key)).length
}

function mustBeIn(folder: string, file: string): void {
  const path = resolve(folder, file)
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isFile()) throw new Error(`has an entry ${file} that is no file`)
  if (leadsOut(folder, path))
    throw new Error(`has a file ${file} that leads out of the folder: put a copy of the file there`)
}

function tagOf(file: string): string {
  const tag = file.replace(/\.json$/, '')
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? tag
  } catch {
    throw new Error(`has a file ${file}, whose name is not a language: it must be one such as de.json`)
  }
}

function readTexts(file: string): object {
  const texts = parse(file)
  for (const [key, text] of textsIn(texts)) {
    const fault = faultOf(key, text)
    if (fault) throw new Error(`has ${fault} in ${file}`)
  }
  return texts
}

function parse(file: string): object {
  try {
    const texts: unknown = JSON.parse(readTextFile(file))
    if (typeof texts === 'object' && texts !== null) return texts
    throw new Error('it is not an object')
  } catch (error) {
    throw new Error(
      `has a file ${file} that cannot be read: ${error instanceof Error ? error.message : error}`
    )
  }
}

function faultOf(key: string, text: Text): string | undefined {
  const original = known.get(key)
  if (original === undefined) return `an unknown text "${key}"`
  const strange = paramsIn(text).find((param) => !paramsIn(original).includes(param))
  return strange && `an unknown placeholder {${strange}} in "${key}"`
}
