import t from 'tap'
import { accountOf, alice, build, registerAlice, Visitor } from '../../build.ts'

t.test('describes recent events with time and place', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  await browser.submit('/account/password', {
    current: alice.password,
    password: 'a wholly different phrase'
  })
  const { body } = await browser.get('/account/activity')
  for (const what of ['Signed in', 'Password changed', 'Password confirmed'])
    t.match(body, `<h2>${what}</h2>`)
  t.match(body, '127.0.0.1')
})

t.test('names others who acted', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const { id: account } = await accountOf(app)
  await app.latchkey.audit.record({
    event: 'role-change',
    name: 'alice',
    account,
    by: { kind: 'command' }
  })
  const by = { kind: 'account', name: 'whoever runs this site' } as const
  await app.latchkey.audit.record({ event: 'account-enable', name: 'alice', account, by })
  const { body } = await browser.get('/account/activity')
  t.match(body, 'by whoever runs this site')
  t.match(body, 'by the administrator whoever runs this site')
  const [event, detail, reason] = ['group-leave', 'Family', 'moved \u202eout'] as const
  await app.latchkey.audit.record({ event, detail, reason, name: 'alice', account, by, address: '192.0.2.9' })
  const shown = (await browser.get('/account/activity')).body
  t.match(shown, '<bdi>Family</bdi> · <bdi>moved \u202eout</bdi> · by', 'which one, and why')
  const { activity } = (
    await browser.get('/account/activity', { headers: { accept: 'application/json' } })
  ).json()
  t.match(activity[0], { event, detail, reason })
  for (const text of [shown, JSON.stringify(activity)])
    t.notMatch(text, '192.0.2.9', 'not where the administrator sits')
})

t.test('every event has a text', async (t) => {
  const app = await build(t)
  const browser = await registerAlice(app)
  const events = [
    'sign-in-refused',
    'sign-in-throttled',
    'sign-out',
    'registration',
    'session-end',
    'sessions-end',
    'account-disable',
    'account-enable',
    'account-remove'
  ] as const
  const { id: account } = await accountOf(app)
  for (const event of events) await app.latchkey.audit.record({ event, name: 'alice', account })
  const { body } = await browser.get('/account/activity')
  t.ok((body.match(/<h2>[A-Z][\w ]+<\/h2>/g) ?? []).length > events.length)
})

t.test('shows only this person’s events, even if the name had another owner before', async (t) => {
  const time = Date.now()
  const app = await build(t, { env: { REGISTRATION: 'open' }, now: () => time })
  const before = await registerAlice(app)
  const { id: earlier } = await accountOf(app)
  await before.submit('/account/remove')
  const bob = new Visitor(app, 'program')
  await bob.post('/register', { ...alice, username: 'bob' })
  const program = await registerAlice(app, 'program')
  const { activity } = (await program.get('/account/activity')).json()
  t.ok(activity.length > 0)
  const { id } = await accountOf(app)
  t.not(id, earlier)
  for (const { name, account } of activity) t.same([name, account], ['alice', id], 'at the same moment')
})
