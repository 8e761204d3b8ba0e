import t from 'tap'
import { services } from '../../../src/open-services.ts'
import { accountOf, alice, build, log, registerAlice, Visitor } from '../../build.ts'

t.test('a person makes tokens, sees them, and ends them one by one or with everything', async (t) => {
  let time = Date.now()
  const app = await build(t, { now: () => time, env: { REGISTRATION: 'open' } })
  const browser = await registerAlice(app)
  const { id } = await accountOf(app)
  const { tokens } = app[services]
  t.match((await browser.get('/account/tokens')).body, 'You have no tokens.')
  const form = (await browser.get('/account/tokens/new')).body
  t.match(form, /name="days" value="90"/)
  t.notMatch(form, 'name="hosts"', 'there are no apps behind the gate')
  t.match(form, /name="forApi" checked/)

  const refused = await browser.submit('/account/tokens/new', { name: '<b>', days: '30' })
  t.equal(refused.statusCode, 400)
  t.match(refused.body, /There is no app behind[\s\S]*value="&lt;b&gt;"/)
  const made = await browser.submit('/account/tokens/new', { name: '<b>', days: '30', forApi: 'on' })
  const [token = ''] = /lk_[0-9a-f]{40}/.exec(made.body) ?? []
  log.keepSecret(token)
  t.match([made.statusCode, made.headers['cache-control']], [200, 'no-store'])
  t.match(await tokens.verify(token), { account: { id }, token: { name: '<b>', forApi: true } })
  const list = (await browser.get('/account/tokens')).body
  t.match(list, /&lt;b&gt;[\s\S]*the API of this site/)
  t.notMatch(list, token, 'it is shown once')
  time += 31 * 24 * 3_600_000
  await browser.submit('/login', alice)
  t.match((await browser.get('/account/tokens')).body, 'It has expired.')

  const program = { headers: { accept: 'application/json' } }
  const ask = { name: 'two', days: '1', forApi: 'true' }
  const second = (await browser.post('/account/tokens/new', ask, program)).json()
  log.keepSecret(second.token)
  t.match(second, { name: 'two', token: /^lk_/, id: /^[\w-]{22}$/ })
  const listed = (await browser.get('/account/tokens', program)).json().tokens
  t.match(listed, [
    { name: 'two', isExpired: false },
    { name: '<b>', isExpired: true }
  ])
  t.notMatch(JSON.stringify(listed), 'hash')

  const bob = new Visitor(app, 'browser')
  await bob.post('/register', { ...alice, username: 'bob' }, program)
  t.equal((await bob.get(`/account/tokens/${second.id}`)).statusCode, 404, 'it is somebody else’s')
  t.same((await bob.post(`/account/tokens/${second.id}`, {}, program)).json(), { ended: 0 })
  t.match((await browser.get(`/account/tokens/${second.id}`)).body, 'End the token two?')
  const ended = await browser.submit(`/account/tokens/${second.id}`)
  t.match([ended.statusCode, ended.headers.location], [303, '/account/tokens'])
  t.match((await browser.get('/account/tokens')).body, 'The token has been ended.')
  t.equal(await tokens.verify(second.token), 'wrong')
  t.match((await app.latchkey.audit.list(id, 1))[0], { event: 'token-end', detail: 'two' })

  t.match((await browser.get('/account/sessions/all')).body, /type="checkbox" name="tokens"> End the token/)
  await browser.submit('/account/sessions/all')
  t.equal(await tokens.count(id), 1, 'unless it is asked for')
  await browser.submit('/login', alice)
  await browser.submit('/account/sessions/all', { tokens: 'on' })
  t.equal(await tokens.count(id), 0)
  await browser.submit('/login', alice)
  t.notMatch((await browser.get('/account/sessions/all')).body, 'checkbox')
  time += 11 * 60_000
  for (const url of ['/account/tokens/new', `/account/tokens/${second.id}`])
    t.match((await browser.get(url)).headers.location, /^\/confirm/, url)
  t.equal((await browser.get('/account/tokens')).statusCode, 200)
  t.equal(
    (await bob.submit('/account/tokens/new', ask)).statusCode,
    303,
    'and nothing is made without a proof'
  )
})
