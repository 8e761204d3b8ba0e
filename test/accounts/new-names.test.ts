import t from 'tap'
import { checkNewName } from '../../src/accounts/new-names.ts'
import { message } from '../../src/i18n/texts.ts'

t.test('where mail is sent, a name with an @ is one’s own confirmed address', async (t) => {
  const refused = { ok: false, reason: message('names.address') }
  const own = { email: 'Alice@example.org', sendsMail: () => true }
  t.match(checkNewName('alice@EXAMPLE.org', own), { ok: true, name: 'alice@EXAMPLE.org' })
  t.same(checkNewName('bob@example.org', own), refused)
  t.same(checkNewName('ａlice＠example.net', own), refused)
  t.same(checkNewName('alice@example.org', { sendsMail: () => true }), refused)
  t.match(checkNewName('alice', { sendsMail: () => true }), { ok: true })
  t.match(checkNewName('alice@example.org', { sendsMail: () => false }), { ok: true })
  for (const email of ['mıke@example.org', 'ſam@example.org', 'ma\u00dfe@example.org'])
    t.match(
      checkNewName(email, { ...own, email }),
      { ok: false },
      'as a name it would be the address of another'
    )
  t.match(checkNewName('al\nice@example.org', own), { ok: false, reason: message('names.control') })
})
