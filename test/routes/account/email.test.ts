import t from 'tap'
import { services } from '../../../src/open-services.ts'
import { accountOf, alice, build, registerAlice, Visitor } from '../../build.ts'
import { mailbox } from '../../mailbox.ts'
import { ApiClient } from '../api/api-client.ts'

let clock = Date.now()
const app = await build(t, { now: () => clock })
const mailTo = mailbox(app)
await registerAlice(app)
const page = new Visitor(app, 'browser')
await page.submit('/login', alice)
const { id } = await accountOf(app)
const stored = async () => (await app[services].accounts.findById(id))?.email

t.test('the page asks for a proof, mails a link and changes nothing', async (t) => {
  clock += 11 * 60_000
  t.match((await page.get('/account/email')).headers.location, /^\/confirm\?/)
  t.equal((await page.submit('/account/email', { email: 'alice@example.org' })).statusCode, 303)
  await page.submit('/confirm', { password: alice.password })
  const form = await page.get('/account/email')
  t.match(form.body, 'Your account has no address.')
  t.notMatch((await page.get('/account')).body, 'example.org')
  t.match((await page.get('/account')).body, 'href="/account/email"')

  const refused = await page.submit('/account/email', { email: 'Alice <alice@example.org>' })
  t.equal(refused.statusCode, 400)
  t.match(refused.body, /value="Alice &lt;alice@example.org&gt;".*aria-invalid="true"/)
  t.match(refused.body, 'Enter one e-mail address alone')
  const sent = await page.submit('/account/email', { email: 'Alice@Example.org' })
  t.equal(sent.headers.location, '/account/email')
  t.match((await page.get('/account/email')).body, 'We have sent a link to Alice@example.org.')
  t.equal(await stored(), undefined)
  const again = await page.submit('/account/email', { email: 'alice@example.org' })
  t.equal(again.statusCode, 429)
  t.match(again.body, 'Look into the mailbox, or try again in 20 minutes.')
})

t.test(
  'the link opens nothing for anybody else, spends nothing when it is opened, and works once',
  async (t) => {
    const { link } = await mailTo('Alice@example.org')
    t.match(link, /^\/account\/email\/confirm\?token=[\w-]{43}$/)
    await app.latchkey.accounts.add({ ...alice, username: 'mallory' })
    const other = new Visitor(app, 'browser')
    t.equal((await other.get(link)).headers.location, '/account/email/confirm')
    t.match(
      (await other.get('/account/email/confirm')).headers.location,
      '/login?next=%2Faccount%2Femail%2Fconfirm'
    )
    await other.submit('/login', { ...alice, username: 'mallory' })
    for (const answer of [
      await other.get('/account/email/confirm'),
      await other.submit('/account/email/confirm')
    ]) {
      t.equal(answer.statusCode, 404)
      t.match(answer.body, 'it is for another account')
    }
    for (let times = 0; times < 3; times += 1) await page.get(link)
    const question = await page.get('/account/email/confirm')
    t.match(question.body, 'Mails about the account alice will go to Alice@example.org.')
    t.equal(await stored(), undefined)
    t.equal((await page.submit('/account/email/confirm')).headers.location, '/account')
    t.match((await page.get('/account')).body, 'Your address is Alice@example.org now.')
    t.equal(await stored(), 'Alice@example.org')
    await page.get(link)
    t.equal((await page.submit('/account/email/confirm')).statusCode, 404)
  }
)

t.test('the former address takes a change back: sessions end, and a new password is chosen', async (t) => {
  const api = new ApiClient(t, app)
  await api.post('/api/session', alice)
  t.same((await api.get('/api/email')).json().waiting, null)
  t.same((await api.put('/api/email', { email: 'new@example.org' })).json(), { sentTo: 'new@example.org' })
  t.match((await api.get('/api/email')).json(), {
    email: 'Alice@example.org',
    waiting: { email: 'new@example.org' }
  })
  t.equal((await api.put('/api/email', { email: 'nonsense' })).statusCode, 400)
  t.equal((await api.put('/api/email', { email: 'new@example.org' })).statusCode, 429)
  const token = (await mailTo('new@example.org')).link.split('=')[1]
  t.equal((await api.post('/api/email/confirm', { token: 'x' })).statusCode, 404)
  t.same((await api.post('/api/email/confirm', { token })).json(), { email: 'new@example.org' })

  const { link } = await mailTo('Alice@example.org', { withLink: true })
  const owner = new Visitor(app, 'browser')
  t.equal((await owner.get(link)).headers.location, '/account/email/undo')
  t.match(
    (await owner.get('/account/email/undo')).body,
    'The account alice gets the address Alice@example.org back.'
  )
  t.equal(await stored(), 'new@example.org')
  const undone = await owner.submit('/account/email/undo')
  t.match(undone.headers.location, /^\/reset\?token=/)
  t.equal(await stored(), 'Alice@example.org')
  t.equal((await api.get('/api/email')).statusCode, 401)
  t.equal((await page.get('/account')).statusCode, 303)
  await owner.get(`${undone.headers.location}`)
  t.match((await owner.get('/reset')).body, 'The address is back. Choose a new password now.')
  t.equal((await owner.submit('/reset', { password: 'three quite new words' })).statusCode, 200)
  t.equal((await owner.submit('/account/email/undo')).statusCode, 404)
  const activity = await app[services].audit.list(id, 20)
  t.match(
    activity.map(({ event }) => event),
    ['link-use', 'address-undo', 'address-change']
  )
})

t.test('an address can be removed', async (t) => {
  const api = new ApiClient(t, app)
  const password = 'three quite new words'
  await api.post('/api/session', { ...alice, password })
  await page.submit('/login', { ...alice, password })
  t.match((await page.get('/account/email')).body, 'href="/account/email/remove"')
  t.match((await page.get('/account/email/remove')).body, 'Remove your address?')
  t.equal((await page.submit('/account/email/remove')).headers.location, '/account')
  t.equal(await stored(), undefined)
  await app[services].addresses.set(id, 'alice@example.org', {})
  t.equal((await api.delete('/api/email')).statusCode, 204)
  t.equal((await api.delete('/api/email')).statusCode, 204, 'as often as one likes')
  t.equal(await stored(), undefined)
})

t.test('where mail is off nothing is promised, and an address that is there can go', async (t) => {
  const quiet = await build(t, { env: { MAIL_URL: 'off' } })
  const visitor = await registerAlice(quiet, 'browser')
  await visitor.submit('/login', alice)
  t.notMatch((await visitor.get('/account')).body, '/account/email')
  t.equal((await visitor.get('/account/email')).statusCode, 404)
  t.equal((await visitor.submit('/account/email', { email: 'alice@example.org' })).statusCode, 404)
  const own = await accountOf(quiet)
  await quiet[services].addresses.set(own.id, 'alice@example.org', {})
  const shown = (await visitor.get('/account/email')).body
  t.match(shown, 'alice@example.org')
  t.match(shown, 'This site sends no mail')
  t.notMatch(shown, 'Send the link')
  t.equal((await visitor.submit('/account/email/remove')).statusCode, 303)
  t.equal((await quiet[services].accounts.findById(own.id))?.email, undefined)
})
