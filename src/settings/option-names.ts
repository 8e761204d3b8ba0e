import { settings } from './settings.ts'

/** By option of the library the setting it is. A host app's server is its own: what it is started with is no option. */
export const settingByOption: ReadonlyMap<string, string> = new Map(
  settings.filter(({ group }) => group !== 'server').map(({ name }) => [optionName(name), name])
)

/** `SESSION_IDLE` as `sessionIdle`. */
export function optionName(setting: string): string {
  return setting.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** A sentence about settings, by the names of the options. */
export function withOptionNames(sentence: string): string {
  return sentence.replace(/\b[A-Z][A-Z_]+\b/g, (word) => {
    const option = optionName(word)
    return settingByOption.get(option) === word ? option : word
  })
}
