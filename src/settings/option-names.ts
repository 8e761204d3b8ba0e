import { settings } from './settings.ts'

/**
 * The setting for each option of the library. Settings of the server are no options: a host app has its own
 * server.
 */
export const settingByOption: ReadonlyMap<string, string> = new Map(
  settings.filter(({ group }) => group !== 'server').map(({ name }) => [optionName(name), name])
)

/** `SESSION_IDLE` becomes `sessionIdle`. */
export function optionName(setting: string): string {
  return setting.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** Replaces names of settings in a sentence by names of options. */
export function withOptionNames(sentence: string): string {
  return sentence.replace(/\b[A-Z][A-Z_]+\b/g, (word) => {
    const option = optionName(word)
    return settingByOption.get(option) === word ? option : word
  })
}
