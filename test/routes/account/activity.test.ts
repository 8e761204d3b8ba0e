import t from 'tap'
import { alice, build, registerAlice, Visitor } from '../../build.ts'

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
  await app.latchkey.audit.record({ event: 'role-change', name: 'alice', by: { kind: 'command' } })
  const by = { kind: 'account', name: 'whoever runs this site' } as const
  await app.latchkey.audit.record({ event: 'account-enable', name: 'alice', by })
  const { body } = await browser.get('/account/activity')
  t.match(body, 'by whoever runs this site')
  t.match(body, 'by the administrator whoever runs this site')
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
  for (const event of events) await app.latchkey.audit.record({ event, name: 'alice' })
  const { body } = await browser.get('/account/activity')
  t.ok((body.match(/<h2>[A-Z][\w ]+<\/h2>/g) ?? []).length > events.length)
})

t.test('shows only this person’s events, even if the name had another owner before', async (t) => {
  let time = Date.now()
  const app = await build(t, { env: { REGISTRATION: 'open' }, now: () => time })
  const before = await registerAlice(app)
  await before.submit('/account/remove')
  time += 1000
  const bob = new Visitor(app, 'program')
  await bob.post('/register', { ...alice, username: 'bob' })
  const program = await registerAlice(app, 'program')
  const { activity } = (await program.get('/account/activity')).json()
  t.ok(activity.length > 0)
  for (const { name, event, at } of activity) {
    t.equal(name, 'alice')
    t.not(event, 'account-remove')
    t.equal(Date.parse(at), time)
  }
})
