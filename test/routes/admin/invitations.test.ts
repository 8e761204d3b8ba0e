import t, { type Test } from 'tap'
import { services } from '../../../src/open-services.ts'
import { alice, build, Visitor } from '../../build.ts'
import { eventually } from '../../servers/eventually.ts'

async function open(t: Test, env: Record<string, string> = {}) {
  const app = await build(t, { env })
  await app.latchkey.accounts.add(alice)
  const { accounts } = app[services]
  await accounts.setRole(alice.username, 'admin')
  const browser = new Visitor(app, 'browser')
  await browser.submit('/login', alice)
  return { browser, ...app[services] }
}

t.test('somebody is invited, listed, and the invitation withdrawn', async (t) => {
  const { browser, audit, invitations, mail } = await open(t)
  t.match((await browser.get('/admin')).body, 'href="/admin/invitations"')
  const sent = await browser.submit('/admin/invitations', {
    address: 'erin@example.org',
    administrator: 'on'
  })
  t.equal(sent.headers.location, '/admin/invitations')
  t.match(await invitations.list(), [{ address: 'erin@example.org', role: 'admin', invitedBy: 'alice' }])
  t.match(await audit.list(undefined, 1), [
    { event: 'invitation-make', detail: 'admin', by: { name: 'alice' } }
  ])
  await eventually('a mail that was sent', async () => (await mail.count()).sent === 1)
  const { body } = await browser.get('/admin/invitations')
  t.match(body, 'The invitation goes to erin@example.org.')
  const folder = mail.target.kind === 'files' ? mail.target.folder : ''
  t.match(
    body,
    `it writes each message into a file in ${folder}.`,
    'whoever reads nothing else waits for no mail'
  )
  const [, place = ''] = /action="(\/admin\/invitations\/[^"]+)"/.exec(body) ?? []
  await browser.submit(place)
  t.same(await invitations.list(), [])
  t.match(await audit.list(undefined, 1), [{ event: 'invitation-withdraw' }])
  await browser.submit(place)
  t.match((await browser.get('/admin/invitations')).body, 'That had ended before.')
})

t.test('what is no address is refused in the form', async (t) => {
  const { browser, invitations } = await open(t)
  const { statusCode, body } = await browser.submit('/admin/invitations', {
    address: 'erin"@',
    administrator: 'on'
  })
  t.equal(statusCode, 400)
  t.match(body, 'Enter one e-mail address alone')
  t.match(body, 'value="erin&quot;@"')
  t.match(body, 'name="administrator" checked')
  t.same(await invitations.list(), [])
})

t.test('where no mail is sent the page says so', async (t) => {
  const { browser } = await open(t, { MAIL_URL: 'off' })
  const { body } = await browser.get('/admin/invitations')
  t.match(body, 'This site sends no mail')
  t.notMatch(body, 'name="address"')
  t.match((await browser.get('/admin/status')).body, /Mail<\/dt>\s*<dd>None is sent/)
  t.equal((await browser.submit('/admin/invitations', { address: 'erin@example.org' })).statusCode, 404)
})
