import type { FastifyInstance } from 'fastify'
import type { Actor, AuditEntry, AuditEventName } from '../../src/audit/audit-event.ts'
import { message, type TextKey } from '../../src/i18n/texts.ts'
import { services } from '../../src/open-services.ts'

const max = 50

/** What to call each event. */
export const words: Record<AuditEventName, TextKey> = {
  'sign-in': 'account.activity.signIn',
  'sign-in-refused': 'account.activity.signInRefused',
  'sign-in-throttled': 'account.activity.signInThrottled',
  'second-factor-asked': 'account.activity.secondFactorAsked',
  proof: 'account.activity.proof',
  'sign-out': 'account.activity.signOut',
  registration: 'account.activity.registration',
  'password-change': 'account.activity.passwordChange',
  'session-end': 'account.activity.sessionEnd',
  'sessions-end': 'account.activity.sessionsEnd',
  'session-evict': 'account.activity.sessionEvict',
  'account-disable': 'account.activity.accountDisable',
  'account-enable': 'account.activity.accountEnable',
  'account-open': 'account.activity.accountOpen',
  'account-remove': 'account.activity.accountRemove',
  'account-rename': 'account.activity.accountRename',
  'address-change': 'account.activity.addressChange',
  'address-undo': 'account.activity.addressUndo',
  'role-change': 'account.activity.roleChange',
  'gate-refused': 'account.activity.gateRefused',
  'mail-failed': 'account.activity.mailFailed',
  'accounts-import': 'account.activity.accountsImport',
  'code-add': 'account.activity.codeAdd',
  'code-remove': 'account.activity.codeRemove',
  'code-refused': 'account.activity.codeRefused',
  'passkey-add': 'account.activity.passkeyAdd',
  'passkey-rename': 'account.activity.passkeyRename',
  'passkey-remove': 'account.activity.passkeyRemove',
  'passkey-refused': 'account.activity.passkeyRefused',
  'passkey-copied': 'account.activity.passkeyCopied',
  'recovery-codes-make': 'account.activity.recoveryCodesMake',
  'recovery-code-use': 'account.activity.recoveryCodeUse',
  'factors-drop': 'account.activity.factorsDrop',
  'link-make': 'account.activity.linkMake',
  'link-use': 'account.activity.linkUse',
  'reset-request': 'account.activity.resetRequest',
  'invitation-make': 'account.activity.invitationMake',
  'invitation-use': 'account.activity.invitationUse',
  'invitation-withdraw': 'account.activity.invitationWithdraw',
  'group-add': 'account.activity.groupAdd',
  'group-remove': 'account.activity.groupRemove',
  'group-join': 'account.activity.groupJoin',
  'group-leave': 'account.activity.groupLeave',
  'token-make': 'account.activity.tokenMake',
  'token-end': 'account.activity.tokenEnd',
  'tokens-end': 'account.activity.tokensEnd'
}

/** The events of the user's account, the latest first, so that they notice what others did (ASVS 6.3.5). */
export default async function activity(app: FastifyInstance) {
  const { audit } = app[services]

  app.get('/account/activity', async (request, reply) => {
    const { id } = await request.requireUser({ account: true })
    const entries = (await audit.list(id, max)).map(forOwner)
    if (!request.acceptsHtml) return { activity: entries }
    return reply.page('account/activity', { entries: entries.map(inWords) })
  })
}

/** Where an administrator sits is nobody else's business, as in mails. */
function forOwner({ address, ...entry }: AuditEntry): AuditEntry {
  const { by, account } = entry
  const isOthers = by !== undefined && !(by.kind === 'account' && by.id === account)
  return isOthers ? entry : { ...entry, ...(address !== undefined && { address }) }
}

function inWords({ event, at, address, detail, reason, by }: AuditEntry) {
  const named = /^(group|passkey|gate|token)-/.test(event) ? detail : undefined
  return { what: words[event], at, address, detail: named, reason, by: by && inWordsOf(by) }
}

/** No user name can look like the words for the command. */
function inWordsOf(actor: Actor) {
  if (actor.kind === 'command') return message('account.activity.commandLine')
  return message('account.activity.administrator', { name: actor.name })
}
