import type { MailData, Template } from '../mail/message.ts'

const at = '2026-11-29T10:15:00.000Z'
const until = '2026-11-29T10:45:00.000Z'
const device = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'
const here = { at, address: '203.0.113.7', device }
const alice = { ...here, name: 'alice' }
const byAnna = { at, name: 'alice', by: 'administrator', administrator: 'anna' } as const
const byCommand = { at, name: 'alice', by: 'command' } as const

/** What each mail may be filled in with, for whoever writes views and texts. @param pagesUrl in front of their links */
export function sampleMails(pagesUrl: string): Readonly<Record<Template, readonly MailData[]>> {
  const link = (path: string) => ({ url: `${pagesUrl}${path}?token=${'x'.repeat(43)}`, until })
  return {
    reset: [
      { ...alice, ...link('/reset') },
      { ...byAnna, ...link('/reset'), reason: 'You have called us.' }
    ],
    'confirm-address': [{ ...here, ...link('/account/email/confirm') }],
    'address-changed': [{ ...alice, ...link('/account/email/undo') }, byCommand],
    'address-taken': [alice],
    registration: [{ ...here, ...link('/invitation') }],
    invitation: [{ administrator: 'anna', ...link('/invitation') }, link('/invitation')],
    'sign-in': [alice],
    'password-changed': [alice, { ...alice, how: 'link' }, byCommand],
    'name-changed': [
      { ...alice, former: 'alicia' },
      { ...byAnna, former: 'alicia' }
    ],
    'factor-added': [alice, { ...alice, passkey: 'iPhone' }],
    'factor-removed': [alice, { ...alice, passkey: 'iPhone' }],
    'recovery-code-used': [alice],
    'recovery-codes-made': [alice],
    'factors-dropped': [{ ...byAnna, reason: 'She has lost her phone.' }, alice],
    'link-made': [
      { ...byAnna, until },
      { ...byCommand, until, dropsFactors: 'yes' }
    ],
    'codes-refused': [alice, { ...alice, how: 'session' }],
    'codes-closed': [
      { ...alice, codes: 'app' },
      { ...alice, codes: 'recovery' }
    ],
    'token-made': [{ ...alice, token: 'Backup', until: '2027-02-27T10:15:00.000Z' }],
    'token-ended': [{ ...alice, token: 'Backup' }, byAnna],
    'role-changed': [
      { ...byAnna, role: 'admin' },
      { ...byAnna, role: 'user' }
    ],
    'account-disabled': [byAnna],
    'account-enabled': [byAnna],
    'account-administered': [
      { ...byAnna, did: 'sessions-end', reason: 'Your laptop was found.' },
      { ...byCommand, did: 'session-end' },
      { ...byAnna, did: 'account-open' },
      { ...byAnna, did: 'group-join', group: 'Family' },
      { ...byAnna, did: 'group-leave', group: 'Family' }
    ],
    'account-removed': [alice, byCommand],
    test: [{ at }]
  }
}
