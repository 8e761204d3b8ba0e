import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { signedInCookies } from '../../src/testing.ts'
import { asTraefik, env, led, proxied } from '../behind-gate.ts'
import { accountOf, alice, build, log, Visitor } from '../build.ts'
import { setUpCodes, TestClock } from '../second-factors.ts'
import { eventually } from '../servers/eventually.ts'

const atFirst = `
- { host: app.example.org, path: /admin, who: admin }
- { host: app.example.org, path: /pay, within: 10m }
- { host: app.example.org, path: /public, who: anybody }
- app.example.org: family
`

t.test('rules decide, and who is refused is told why', async (t) => {
  const folder = t.testdir({ 'gate.yaml': atFirst })
  const rules = join(folder, 'gate.yaml')
  let time = Date.now()
  const DATABASE_URL = `file:${folder}/latchkey.db`
  const app = await build(t, { env: { ...env, DATABASE_URL, GATE_RULES: rules }, now: () => time })
  await app.latchkey.accounts.add(alice)
  const { id } = await accountOf(app)
  const [browser, program, visitor] = [
    new Visitor(app, 'browser'),
    new Visitor(app, 'program'),
    new Visitor(app, 'browser')
  ]
  for (const each of [browser, program]) await each.submit('/login', alice, { headers: proxied })
  const at = (uri: string, by: Visitor, more: Record<string, string> = {}) =>
    by.get('/gate', { headers: { ...asTraefik, 'x-forwarded-uri': uri, ...more } })
  const nginx = (uri: string, by: Visitor) =>
    by.get('/gate', {
      headers: { ...proxied, 'x-original-url': `https://app.example.org${uri}`, 'x-forwarded-method': 'GET' }
    })

  t.test('who may not pass is led to a page, and programs get problem+json', async (t) => {
    t.equal(led(await at('/', browser)), '/refused')
    t.equal(led(await at('/', visitor)), '/login')
    t.equal(led(await at('/public/x', visitor)), 204)
    t.equal((await at('/public/x', visitor)).headers['remote-user'], '')
    t.equal((await at('/public/x', browser)).headers['remote-user'], 'alice')
    t.match((await at('/', program)).json(), { status: 403, code: 'LATCHKEY_NOT_ALLOWED' })
    const { statusCode, headers } = await nginx('/x?y', browser)
    t.equal(statusCode, 403)
    t.equal(
      headers.location,
      `https://login.example.org/refused?next=${encodeURIComponent('https://app.example.org/x?y')}`
    )
  })

  t.test('the page says as whom, and lets somebody else sign in and come back', async (t) => {
    const next = 'https://app.example.org/x'
    const page = await browser.get(`/refused?next=${encodeURIComponent(next)}`, { headers: proxied })
    t.equal(page.statusCode, 403)
    t.match(page.body, 'app.example.org is not open to alice.')
    const anonymous = await visitor.get(`/refused?next=${encodeURIComponent(next)}`, { headers: proxied })
    t.match(anonymous.body, /app\.example\.org is not open to visitors\..*href="\/login\?next=https/s)
    const foreign = await browser.get('/refused?next=https://evil.example/', { headers: proxied })
    t.equal(foreign.statusCode, 403)
    t.notMatch(foreign.body, 'evil')
    const other = new Visitor(app, 'browser')
    await other.submit('/login', alice, { headers: proxied })
    const { headers } = await other.submit('/logout', { next }, { headers: proxied })
    t.equal(headers.location, `/login?next=${encodeURIComponent(next)}`)
    t.equal(led(await at('/', other)), '/login')
    await other.submit('/login', alice, { headers: proxied })
    const evil = await other.submit('/logout', { next: 'https://evil.example/' }, { headers: proxied })
    t.equal(evil.headers.location, '/login?signedOut')
  })

  t.test('a refusal is recorded once a minute for each host', async (t) => {
    const refusals = async () =>
      (await app.latchkey.audit.list(id, 50)).filter(({ event }) => event === 'gate-refused')
    await eventually('the refusals of above', async () => (await refusals()).length === 1)
    t.match(await refusals(), [{ name: 'alice', detail: 'app.example.org' }])
    time += 61_000
    for (let i = 0; i < 3; i++) await at('/', program)
    await eventually('the next ones', async () => (await refusals()).length === 2)
    t.match((await refusals())[0]?.session, /./)
    time += 61_000
    const asked = { name: 'phone', hosts: 'app.example.org', forApi: false, days: 1 }
    const made = await app[services].tokens.make(id, asked)
    if (!made.ok) throw made.error
    log.keepSecret(made.token)
    const bob = new Visitor(app, 'browser')
    await app.latchkey.accounts.add({ ...alice, username: 'bob' })
    await bob.submit('/login', { ...alice, username: 'bob' }, { headers: proxied })
    t.equal((await at('/', bob, { authorization: `Bearer ${made.token}` })).statusCode, 303)
    await eventually('that of the token', async () => (await refusals()).length === 3)
    t.match((await refusals())[0], { name: 'alice', session: undefined }, 'the session is bob’s')
  })

  t.test('a change of a group or a role counts at the next request', async (t) => {
    const { groups } = app[services]
    await groups.add('family')
    await groups.join(id, 'Family')
    t.equal(led(await at('/', browser)), 204)
    t.equal(led(await at('/admin', browser)), '/refused')
    await groups.leave(id, 'family')
    t.equal(led(await at('/', browser)), '/refused')
  })

  t.test('a proof that is too old is led to be made again', async (t) => {
    t.equal(led(await at('/pay', browser)), 204)
    time += 601_000
    t.equal(led(await at('/pay', browser)), '/confirm')
    t.match((await at('/pay', program)).json(), { code: 'LATCHKEY_RECENT_PROOF_REQUIRED' })
  })

  t.test('what a client adds to what the proxy says opens nothing', async (t) => {
    for (const more of [
      { 'x-original-url': 'https://app.example.org/public' },
      { 'x-original-url': 'https://other.example.org/' },
      { 'x-original-url': 'nonsense' },
      { 'x-original-method': 'POST' },
      { 'x-original-url': 'https://open.example.org/', 'x-original-method': 'GET' }
    ] as Record<string, string>[])
      t.equal((await at('/', program, more)).statusCode, 403, JSON.stringify(more))
    for (const uri of [
      '/public/../',
      '/public/%2e%2e/',
      '/public%2f..%2fadmin',
      '//app.example.org/public',
      '/public\\..',
      'public',
      '/public/%zz'
    ])
      t.equal((await at(uri, program)).statusCode, 403, uri)
    for (const host of ['app.example.org.', 'APP.example.org:444'])
      t.equal((await at('/public', program, { 'x-forwarded-host': host })).statusCode, 204, host)
    for (const host of [
      'other.example.org',
      'x@app.example.org',
      'app.example.org/x',
      'app.example.org?',
      ''
    ])
      t.equal((await at('/public', program, { 'x-forwarded-host': host })).statusCode, 403, host)
  })

  t.test('a proxy that does not say enough is told so', async (t) => {
    t.equal((await program.get('/gate', { headers: proxied })).statusCode, 403)
    t.equal(
      (await program.get('/gate', { headers: { ...proxied, 'x-forwarded-uri': '/public' } })).statusCode,
      403
    )
    t.match(
      log.lines.join(),
      /The gate refuses a request\. The proxy sends neither X-Original-URL nor X-Forwarded-Uri\./
    )
    t.match(log.lines.join(), /neither X-Forwarded-Method nor X-Original-Method/)
    const appended = { ...proxied, 'x-forwarded-uri': '/public', 'x-forwarded-method': 'GET, POST' }
    t.equal((await program.get('/gate', { headers: appended })).statusCode, 403)
    t.match(log.lines.join(), /The proxy sends a method that is none/)
  })

  t.test('Envoy sends the request itself, and takes 200 for a yes', async (t) => {
    const envoy = (path: string, method = 'GET') =>
      app.inject({
        method: method as 'GET',
        url: `/gate/envoy${path}`,
        headers: { ...proxied, host: 'app.example.org' },
        cookies: program.cookies
      })
    t.equal((await envoy('/public/x?y')).statusCode, 200)
    for (const method of ['POST', 'OPTIONS', 'PROPFIND', 'REPORT', 'MKCALENDAR', 'LOCK'])
      t.equal((await envoy('/public', method)).statusCode, 200, method)
    t.equal((await envoy('/', 'PROPFIND')).statusCode, 403)
    t.equal((await envoy('/public/..%2fadmin')).statusCode, 403)
    t.equal((await envoy('/')).statusCode, 403)
    t.equal(
      (await app.inject({ url: '/gate/envoy/public', headers: { host: 'app.example.org' } })).statusCode,
      403,
      'from nobody’s proxy'
    )
  })

  t.test('a change of the file counts when all of it is right', async (t) => {
    const { gateRules } = app[services]
    const write = async (text: string) => {
      await writeFile(rules, text)
      for (let look = 0; look < 2; look++) await gateRules?.look()
    }
    await write('app.example.org: nobody-else\nwrong\n')
    t.match(log.lines.join(), /GATE_RULES \S+, line 2, column 1: /)
    t.equal(led(await at('/public', visitor)), 204)
    await write('wiki.example.net: anybody\n')
    t.match(log.lines.join(), /line 1: wiki\.example\.net is not in GATE_HOSTS/)
    await rm(rules)
    for (let look = 0; look < 2; look++) await gateRules?.look()
    t.equal(led(await at('/public', visitor)), 204)
    // By itself, every second.
    await writeFile(rules, 'app.example.org: signed-in\n')
    await eventually('the rules to count', async () => led(await at('/public', visitor)) === '/login')
    t.equal(led(await at('/admin', browser)), 204)
  })
})

t.test('the gate tells what was proved, and leads to what a rule or SECOND_FACTOR asks for', async (t) => {
  const clock = new TestClock()
  const folder = t.testdir({
    'gate.yaml': '- host: app.example.org\n  who: signed-in\n  factors: 2\n',
    'open.yaml': '- { host: app.example.org, path: /public, who: anybody }\n- app.example.org: signed-in\n'
  })
  const rules = join(folder, 'gate.yaml')
  const open = join(folder, 'open.yaml')
  for (const asking of [
    { GATE_RULES: rules },
    { SECOND_FACTOR: 'everybody' },
    { SECOND_FACTOR: 'everybody', GATE_RULES: open }
  ]) {
    const app = await build(t, {
      env: { ...env, ...asking, DATABASE_URL: `file:${folder}/${Object.keys(asking)}.db` },
      now: clock.now
    })
    await app.latchkey.accounts.add(alice)
    const old = { cookies: await signedInCookies(app, 'alice') }
    const asked = { ...asTraefik, accept: 'text/html' }
    const led = await app.inject({ url: '/gate', headers: asked, ...old })
    const next = encodeURIComponent('https://app.example.org/notes?page=2&order=desc')
    t.equal(led.headers.location, `https://login.example.org/confirm?next=${next}&factors=2`)
    const refused = await app.inject({ url: '/gate', headers: asTraefik, ...old })
    t.match(refused.json(), { status: 401, code: 'LATCHKEY_SECOND_FACTOR_NOT_SET_UP' })

    if (asking.GATE_RULES === open) {
      const toAnybody = { ...asTraefik, 'x-forwarded-uri': '/public' }
      const { statusCode, headers } = await app.inject({ url: '/gate', headers: toAnybody, ...old })
      t.match([statusCode, headers['remote-user'], headers['x-auth-id']], [204, '', ''], 'nobody yet')
    }

    const authenticator = await setUpCodes(app, clock)
    const program = new Visitor(app, 'program')
    const pending = await program.post('/login', alice, { headers: proxied })
    t.match(pending.json(), { code: 'LATCHKEY_SECOND_FACTOR_REQUIRED' })
    t.match(
      pending.cookies,
      [{ name: '__Host-latchkey-pending', secure: true, domain: undefined }],
      'not shared'
    )
    t.equal((await program.get('/gate', { headers: asTraefik })).statusCode, 401, 'half is nobody')
    await program.post('/login/code', { code: authenticator.code() }, { headers: proxied })
    const passed = await program.get('/gate', { headers: asTraefik })
    t.match([passed.statusCode, passed.headers['x-auth-factors']], [204, 'password totp'])
  }
})
