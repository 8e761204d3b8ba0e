import { closestMatch } from 'leven'
import { visible } from '../primitives/visible-text.ts'
import { fileVariable, secretNames } from './secret-files.ts'
import { settings } from './settings.ts'

type Variables = Readonly<NodeJS.Dict<string>>

/** Text that was meant as a setting, and sets nothing, or less than is written. */
export interface LostSetting {
  /** The setting that was meant. */
  readonly name: string
  readonly why: 'misspelt' | 'cut off' | 'blank'
  /** What happened, and what to do. */
  readonly sentence: string
}

/** Settings that `readSettings` takes as not set because they are blank. */
export function blankSettings(variables: Variables): LostSetting[] {
  return names
    .filter((name) => variables[name] && variables[name].trim() === '')
    .map((name) => ({
      name: settingOf(name),
      why: 'blank',
      sentence: `${name} contains only spaces, and counts as not set: write a value or remove it.`
    }))
}

/** @param from a file belongs to the service; an environment contains variables of other programs too */
export function misspeltSettings(variables: Variables, from: 'environment' | 'file'): LostSetting[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    const meant = value?.trim() ? meantBy(name, from) : undefined
    if (meant === undefined) return []
    const sentence = `${visible(name)} is not a setting and has no effect. Did you mean ${meant}?`
    return [{ name: settingOf(meant), why: 'misspelt', sentence }]
  })
}

/** Whether the loss stops the start: if the setting protects people, and is not set otherwise. */
export function isDangerous({ name, why }: LostSetting, variables: Variables): boolean {
  const isSet = why === 'misspelt' && Boolean(variables[name]?.trim())
  return !isSet && settings.some((setting) => setting.name === name && setting.protects === true)
}

const names = [...settings.map(({ name }) => name), ...secretNames.map(fileVariable)]

/** Whether a variable is a setting, or has the path of a file with one. */
export function isSettingName(name: string): boolean {
  return names.includes(name)
}

/** The setting that such a variable sets. */
export function settingOf(name: string): string {
  return secretNames.find((secret) => fileVariable(secret) === name) ?? name
}

/** Variables of other programs. */
const othersNames = ['LANGUAGE']

/** One or two letters may be wrong, in a short name none or one. */
function meantBy(name: string, from: 'environment' | 'file'): string | undefined {
  if (names.includes(name)) return undefined
  const plain = name.replace(/\W/g, '').toUpperCase()
  if (names.includes(plain)) return plain
  // As other programs' variables begin with theirs.
  const unprefixed = plain.replace(/^LATCHKEY_/, '')
  if (names.includes(unprefixed)) return unprefixed
  // Only secrets can be in a file.
  const withoutFile = unprefixed.replace(/_FILE$/, '')
  if (names.includes(withoutFile)) return withoutFile
  const isOneWord = !plain.includes('_')
  if (from === 'environment' && isOneWord && (plain.length < 7 || othersNames.includes(name)))
    return undefined
  return closestMatch(plain, names, { maxDistance: Math.min(2, Math.floor(plain.length / 4)) })
}
