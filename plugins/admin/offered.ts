import type { Person } from '../../src/administration/people.ts'
import { type ActionName, actionTexts } from './action-texts.ts'
import { type Action, actions } from './actions.ts'

/** @param own the id of the administrator @returns undefined when there is no such action, or it does not suit this person */
export function offeredAction(name: string, person: Person, own: string): Action | undefined {
  if (!Object.hasOwn(actions, name)) return undefined
  const action = actions[name as ActionName]
  const isOffered = action.suits?.(person) ?? true
  return isOffered && !(action.isForOthers && person.account.id === own) ? action : undefined
}

/** What can be done to the whole account, for a list of links: first what helps, then what takes something away. */
export function offeredActions(person: Person, own: string) {
  const names = Object.keys(actions) as ActionName[]
  const all = names.flatMap((name) => {
    const action = offeredAction(name, person, own)
    return action && !action.isOfOne && name !== 'join' ? [{ name, action, text: actionTexts[name].act }] : []
  })
  return {
    helpful: all.filter(({ action }) => !action.isDangerous),
    dangerous: all.filter(({ action }) => action.isDangerous)
  }
}
