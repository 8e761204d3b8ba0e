import { checkName, nameKey } from '../../identity/names.ts'
import type { Who } from './rule.ts'

/** A word of `who`: `anybody`, `signed-in`, `admin` or a group; a name under `users` or `groups`. */
export interface NamedPerson {
  readonly kind: 'word' | 'user' | 'group'
  readonly text: string
}

const everybody = ['anybody', 'signed-in']

/**
 * Whom a rule is about.
 * @throws {Error} with a message that completes a sentence starting with `who`
 */
export function whoOf(people: readonly NamedPerson[]): { who: Who; whoText: string } {
  const words = people.filter(({ kind }) => kind === 'word').map(({ text }) => text)
  const general = words.find((word) => everybody.includes(word))
  if (general && people.length > 1) throw new Error(`has ${general}, so the others make no difference`)
  if (general) return { who: general === 'anybody' ? 'anybody' : 'signed-in', whoText: general }
  for (const { text } of people)
    if (!checkName(text).ok) throw new Error(`has "${text}", which can be no name`)
  const named = (kinds: readonly NamedPerson['kind'][]) =>
    people
      .filter(({ kind, text }) => kinds.includes(kind) && !(kind === 'word' && text === 'admin'))
      .map(({ text }) => nameKey(text))
  const who = {
    users: new Set(named(['user'])),
    groups: new Set(named(['word', 'group'])),
    admin: words.includes('admin')
  }
  return {
    who,
    whoText: people.map(({ kind, text }) => (kind === 'word' ? text : `${kind} ${text}`)).join(', ')
  }
}
