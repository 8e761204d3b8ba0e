import { closestMatch } from 'leven'

/** A variable that is no setting, and the setting whose name is nearly the same. */
export interface Misspelt {
  readonly name: string
  readonly meant: string
}

/**
 * What somebody surely meant as a setting. Much in an environment is other programs' own, so a name counts only when
 * one or two letters are wrong, and no part of it is whole that says otherwise: names of one word are too like others.
 */
export function misspeltSettings(names: readonly string[], settings: readonly string[]): Misspelt[] {
  return names.flatMap((name) => {
    if (settings.includes(name) || !name.includes('_')) return []
    const meant = closestMatch(name.toUpperCase(), settings, { maxDistance: 2 })
    return meant === undefined ? [] : [{ name, meant }]
  })
}
