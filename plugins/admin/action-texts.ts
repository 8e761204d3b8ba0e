import { message } from '../../src/i18n/texts.ts'

/** What the page of an action says. `to`: the name of whom it concerns; `what`: the group or token, where there is one. */
export const actionTexts = {
  'end-session': {
    question: (to: string) => message('admin.endSession.question', { name: to }),
    what: message('admin.endSession.what'),
    act: message('admin.endSession.act')
  },
  'end-sessions': {
    question: (to: string) => message('admin.endSessions.question', { name: to }),
    what: message('admin.endSessions.what'),
    act: message('admin.endSessions.act')
  },
  disable: {
    question: (to: string) => message('admin.disable.question', { name: to }),
    what: message('admin.disable.what'),
    act: message('admin.disable.act')
  },
  enable: {
    question: (to: string) => message('admin.enable.question', { name: to }),
    what: message('admin.enable.what'),
    act: message('admin.enable.act')
  },
  open: {
    question: (to: string) => message('admin.open.question', { name: to }),
    what: message('admin.open.what'),
    act: message('admin.open.act')
  },
  'mail-link': {
    question: (to: string) => message('admin.mailLink.question', { name: to }),
    what: message('admin.mailLink.what'),
    act: message('admin.mailLink.act')
  },
  link: {
    question: (to: string) => message('admin.link.question', { name: to }),
    what: message('admin.link.what'),
    act: message('admin.link.act')
  },
  'link-and-factors': {
    question: (to: string) => message('admin.linkAndFactors.question', { name: to }),
    what: message('admin.linkAndFactors.what'),
    act: message('admin.linkAndFactors.act')
  },
  'drop-factors': {
    question: (to: string) => message('admin.dropFactors.question', { name: to }),
    what: message('admin.dropFactors.what'),
    act: message('admin.dropFactors.act')
  },
  grant: {
    question: (to: string) => message('admin.grant.question', { name: to }),
    what: message('admin.grant.what'),
    act: message('admin.grant.act')
  },
  revoke: {
    question: (to: string) => message('admin.revoke.question', { name: to }),
    what: message('admin.revoke.what'),
    act: message('admin.revoke.act')
  },
  join: {
    question: (to: string) => message('admin.join.question', { name: to }),
    what: message('admin.join.what'),
    act: message('admin.join.act')
  },
  leave: {
    question: (to: string, what: string) => message('admin.leave.question', { name: to, group: what }),
    what: message('admin.leave.what'),
    act: message('admin.leave.act')
  },
  'end-token': {
    question: (to: string, what: string) => message('admin.endToken.question', { name: to, token: what }),
    what: message('admin.endToken.what'),
    act: message('admin.endToken.act')
  },
  'end-tokens': {
    question: (to: string) => message('admin.endTokens.question', { name: to }),
    what: message('admin.endTokens.what'),
    act: message('admin.endTokens.act')
  },
  remove: {
    question: (to: string) => message('admin.remove.question', { name: to }),
    what: message('admin.remove.what'),
    act: message('admin.remove.act')
  }
} as const

export type ActionName = keyof typeof actionTexts
