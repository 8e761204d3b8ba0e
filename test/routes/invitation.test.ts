import t from 'tap'
import { services } from '../../src/open-services.ts'
import { alice, build, log, Visitor } from '../build.ts'
import { setUpCodes, signInWithCode, TestClock } from '../second-factors.ts'
import { linkIn, openMailbox } from '../servers/mailbox.ts'

const password = 'three quite new words'

t.test('an administrator invites, and whoever reads the mail makes the account, once', async (t) => {
  const mailbox = await openMailbox(t)
  const clock = new TestClock()
  const env = { MAIL_URL: mailbox.url, REGISTRATION: 'closed' }
  const app = await build(t, { env, now: clock.now })
  const { accounts } = app[services]
  await accounts.add(alice, 'admin')
  const boss = new Visitor(app, 'program')
  const ask = { address: 'bob@example.org', role: 'admin', language: 'de' }
  t.equal((await boss.post('/api/invitations', ask)).statusCode, 401)
  await signInWithCode(boss, await setUpCodes(app, clock))
  const asked = await boss.post('/api/invitations', ask)
  t.equal(asked.statusCode, 201)
  const { invitation } = asked.json()
  t.match(asked.json(), { address: 'bob@example.org', role: 'admin', invitedBy: 'alice' })
  t.equal((await boss.post('/api/invitations', { address: 'bob' })).statusCode, 400)
  t.same((await boss.get('/api/invitations')).json(), { invitations: [asked.json()] })

  const mail = await mailbox.received(/Einladung/)
  t.match(mail, { to: [{ address: 'bob@example.org' }], text: /alice/ })
  const { pathname, search, searchParams } = linkIn(mail)
  log.keepSecret(searchParams.get('token') ?? '')
  for (let times = 0; times < 50; times += 1)
    for (const method of ['GET', 'HEAD'] as const) {
      const headers = { 'x-forwarded-host': 'evil.example' }
      const looked = await app.inject({ method, url: pathname + search, headers })
      t.match(looked, { statusCode: 303, headers: { location: '/invitation' } })
    }
  const browsers = [new Visitor(app, 'browser'), new Visitor(app, 'browser')] as const
  const [browser] = browsers
  for (const each of browsers) await each.get(pathname + search)
  t.match((await browser.get('/invitation')).body, /Its address is bob@example\.org\.[\s\S]+an administrator/)
  const program = { headers: { accept: 'application/json' } }
  t.match((await browser.get('/invitation', program)).json(), { role: 'admin', passwordMinLength: 15 })
  const taken = await browser.submit('/invitation', { username: 'Alice', password })
  t.match(taken, { statusCode: 409, body: /That name is taken/ })
  t.match((await browser.submit('/invitation', { username: 'bob', password: 'short' })).body, /15 characters/)
  const answers = await Promise.all(
    browsers.map((each, index) =>
      each.submit(
        '/invitation',
        { username: `bob ${index}`, password },
        { headers: { 'accept-language': 'en-GB' } }
      )
    )
  )
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 404], 'of two posts at once one')
  const [made] = (await accounts.list()).filter(({ name }) => name.startsWith('bob'))
  t.match(
    made,
    { role: 'admin', email: 'bob@example.org', language: 'en-GB' },
    'of the browser where it was made'
  )
  const name = made?.name ?? ''
  const maker = browsers[answers.findIndex(({ statusCode }) => statusCode === 200)]
  t.same(Object.keys(maker?.cookies ?? {}), ['latchkey-browser'], 'nobody is signed in by it')
  t.equal((await maker?.submit('/login', { username: name, password }))?.statusCode, 303)
  const mails = await app[services].mail.list({ limit: 20 })
  t.notOk(
    mails.some(({ template }) => template === 'sign-in'),
    'the browser is known from then on'
  )
  const events = await app.latchkey.audit.list(undefined, 99)
  t.match(
    events.filter(({ event }) => event.startsWith('invitation-')),
    [
      { event: 'invitation-use', name, detail: 'admin' },
      { event: 'invitation-make', name: undefined, by: { name: 'alice' }, detail: 'admin' }
    ]
  )
  t.same((await boss.get('/api/invitations')).json(), { invitations: [] })
  t.match((await boss.post('/api/invitations', ask)).json(), { code: 'LATCHKEY_HAS_ACCOUNT' })
  t.match((await boss.delete(`/api/invitations/${invitation}`)).json(), {
    code: 'LATCHKEY_NO_SUCH_INVITATION'
  })
  const { invitation: other } = (await boss.post('/api/invitations', { address: 'eve@example.org' })).json()
  const withdrawal = { method: 'DELETE', url: `/api/invitations/${other}`, cookies: boss.cookies } as const
  t.equal((await app.inject({ ...withdrawal, payload: { reason: ' ' } })).statusCode, 400)
  t.same((await app.inject({ ...withdrawal, payload: { reason: 'moved' } })).json(), { withdrawn: true })
  t.match(await app[services].audit.list(undefined, 1), [{ event: 'invitation-withdraw', reason: 'moved' }])
  const plain = new Visitor(app, 'program')
  await accounts.add({ ...alice, username: 'carol' })
  await plain.post('/login', { ...alice, username: 'carol' })
  for (const answer of [
    await plain.post('/api/invitations', ask),
    await plain.get('/api/invitations'),
    await plain.delete(`/api/invitations/${other}`)
  ])
    t.equal(answer.statusCode, 403)
  t.equal((await new Visitor(app, 'browser').get('/invitation')).statusCode, 404)
})
