import type { Administration } from '../../src/administration/administration.ts'
import type { Person } from '../../src/administration/people.ts'
import { type Message, message } from '../../src/i18n/texts.ts'
import type { Action, Outcome } from './action.ts'
import type { ActionName } from './action-texts.ts'

const hasFactors = ({ factors }: Person) => factors.codes !== undefined || factors.passkeys.length > 0
const isOpen = ({ account }: Person) => account.disabledAt === undefined
const done = message('admin.done')
const wasOver = message('admin.wasOver')

/** All that administrators do to one account on a page. No password is chosen, no secret shown, and nobody acted as. */
export const actions: Readonly<Record<ActionName, Action>> = {
  'end-session': {
    isOfOne: true,
    run: async (to, { who, what, deed }) => ((await to.endSession(who, what, deed)) ? done : wasOver)
  },
  'end-sessions': { run: (to, { who, deed }) => then(to.endSessions(who, deed)) },
  open: { suits: isClosed, run: (to, { who, deed }) => then(to.openAgain(who, deed)) },
  enable: { suits: (person) => !isOpen(person), run: (to, { who, deed }) => then(to.enable(who, deed)) },
  'mail-link': {
    needsMail: true,
    suits: (person) => isOpen(person) && person.account.email !== undefined,
    run: (to, { who, deed }) => then(to.mailLink(who, deed))
  },
  link: { isForOthers: true, suits: isOpen, run: (to, { who, deed }) => linked(to.makeLink(who, deed)) },
  'link-and-factors': {
    ...{ isForOthers: true, isDangerous: true },
    suits: (person) => isOpen(person) && hasFactors(person),
    run: (to, { who, deed }) => linked(to.makeLink(who, deed, { dropFactors: true }))
  },
  join: { run: (to, { who, what, deed }) => then(to.changeGroup(who, what, 'join', deed)) },
  leave: { isOfOne: true, run: (to, { who, what, deed }) => then(to.changeGroup(who, what, 'leave', deed)) },
  'end-token': {
    isOfOne: true,
    run: async (to, { who, what, deed }) => ((await to.endToken(who, what, deed)) ? done : wasOver)
  },
  'end-tokens': {
    suits: ({ tokens }) => tokens.length > 0,
    run: (to, { who, deed }) => then(to.endTokens(who, deed))
  },
  grant: {
    isForOthers: true,
    suits: ({ account }) => account.role !== 'admin',
    run: (to, { who, deed }) => then(to.setRole(who, 'admin', deed))
  },
  revoke: {
    ...{ isForOthers: true, isDangerous: true },
    suits: ({ account }) => account.role === 'admin',
    run: (to, { who, deed }) => then(to.setRole(who, 'user', deed))
  },
  'drop-factors': {
    ...{ isForOthers: true, isDangerous: true },
    suits: hasFactors,
    run: (to, { who, deed }) => then(to.dropFactors(who, deed))
  },
  disable: {
    ...{ isForOthers: true, isDangerous: true },
    suits: isOpen,
    run: (to, { who, deed }) => then(to.disable(who, deed))
  },
  remove: {
    ...{ isForOthers: true, isDangerous: true },
    run: (to, { who, deed }) => then(to.remove(who, deed))
  }
}

/** After too many wrong passwords or codes, or some. */
function isClosed({ account, factors }: Person): boolean {
  return account.failedAttempts > 0 || factors.codes?.isClosed === true || factors.recoveryCodes.isClosed
}

async function then(doing: Promise<unknown>): Promise<Message> {
  await doing
  return done
}

async function linked(making: ReturnType<Administration['makeLink']>): Promise<Outcome> {
  return (await making) ?? message('admin.changed')
}
