import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Person } from '../../src/administration/people.ts'
import type { Owner } from '../../src/identity/owner-key.ts'
import { services } from '../../src/open-services.ts'
import type { SessionSummary } from '../../src/sessions/session-summary.ts'
import { administering } from '../auth/options.ts'
import type { Action } from './action.ts'
import type { ActionName } from './action-texts.ts'
import { offeredAction } from './offered.ts'

/** As the address of its page has it. */
interface Address {
  readonly id: string
  readonly action: string
  readonly what?: string
}

export interface AskedAction {
  readonly name: ActionName
  readonly action: Action
  readonly person: Person
  readonly own: Owner
  readonly what: string
  /** What the question calls it. */
  readonly called: string
  readonly session?: SessionSummary | undefined
}

/** @returns what finds the action that an address means, and to whom; undefined: it does not suit them (any more) */
export function actionFinder(app: FastifyInstance) {
  const { mail, people, sessions } = app[services]

  return async function find(
    request: FastifyRequest,
    { id, action: name, what = '' }: Address
  ): Promise<AskedAction | undefined> {
    const own = await request.requireUser(administering)
    const person = await people.find(id)
    const action = person && offeredAction(name, { person, own: own.id, isMailOn: mail.isOn })
    if (!action || (action.isOfOne === true) !== (what !== '')) return undefined
    const session = name === 'end-session' ? await sessions.findOne(id, what) : undefined
    const called = session?.handle ?? calledBy(person, name, what)
    if (called === undefined) return undefined
    return { name: name as ActionName, action, person, own, what, called, session }
  }
}

/** The name of the token or the group; undefined when the person does not have it. */
function calledBy({ tokens, groups }: Person, action: string, what: string): string | undefined {
  if (action === 'end-token') return tokens.find(({ id }) => id === what)?.name
  if (action === 'leave') return groups.find((group) => group === what)
  return action === 'end-session' ? undefined : ''
}
