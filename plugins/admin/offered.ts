import type { Person } from '../../src/administration/people.ts'
import type { Action } from './action.ts'
import { type ActionName, actionTexts } from './action-texts.ts'
import { actions } from './actions.ts'

interface Circumstances {
  readonly person: Person
  /** The id of the administrator. */
  readonly own: string
  readonly isMailOn: boolean
}

/** @returns undefined when there is no such action, or it does not suit this person */
export function offeredAction(name: string, { person, own, isMailOn }: Circumstances): Action | undefined {
  if (!Object.hasOwn(actions, name)) return undefined
  const action = actions[name as ActionName]
  if (action.isForOthers && person.account.id === own) return undefined
  if (action.needsMail && !isMailOn) return undefined
  return (action.suits?.(person) ?? true) ? action : undefined
}

/** What can be done to the whole account, for a list of links: what helps, and what takes something away. */
export function offeredActions(to: Circumstances) {
  const names = Object.keys(actions) as ActionName[]
  const all = names.flatMap((name) => {
    const action = offeredAction(name, to)
    return action && !action.isOfOne && name !== 'join' ? [{ name, action, text: actionTexts[name].act }] : []
  })
  return {
    helpful: all.filter(({ action }) => !action.isDangerous),
    dangerous: all.filter(({ action }) => action.isDangerous)
  }
}
