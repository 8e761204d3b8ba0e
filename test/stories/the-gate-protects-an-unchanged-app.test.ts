import { request } from 'node:https'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { alice, build, secret } from '../build.ts'
import { TestClock } from '../second-factors.ts'
import { startChromium } from '../servers/chromium.ts'
import { eventually } from '../servers/eventually.ts'
import { startPlainApp } from '../servers/plain-app.ts'
import { type ProxyServer, startCaddy, startNginx, type Upstreams } from '../servers/proxies.ts'
import { startRedis } from '../servers/redis.ts'

const env = {
  PUBLIC_URL: 'https://login.example.org',
  TRUST_PROXY: '127.0.0.1',
  COOKIE_DOMAIN: 'example.org',
  GATE_HOSTS: 'app.example.org'
}
const rules = `
- { host: app.example.org, path: /family, who: family }
- { host: app.example.org, path: /pay, factors: 2, within: 10m }
- app.example.org: signed-in
`
const person = { ...alice, username: 'Jürgen' }
const notes = 'https://app.example.org/notes?page=2&order=desc'
const proxies = { nginx: startNginx, Caddy: startCaddy }

/** The service and the app behind a proxy, and a browser that resolves example.org to it. */
async function start(t: Test, startProxy: (t: Test, upstreams: Upstreams) => Promise<ProxyServer>) {
  const redis = await startRedis(t)
  const clock = new TestClock()
  const folder = t.testdir({ 'gate.yaml': rules })
  const own = { DATABASE_URL: `file:${folder}/latchkey.db`, GATE_RULES: join(folder, 'gate.yaml') }
  const stored = { ...own, REDIS_URL: redis.url, SESSION_SECRET: secret }
  const service = await build(t, { env: { ...env, ...stored }, now: clock.now })
  await service.latchkey.accounts.add(person)
  const latchkey = Number(new URL(await service.listen({ port: 0, host: '127.0.0.1' })).port)
  const app = await startPlainApp(t)
  const proxy = await startProxy(t, { latchkey, app: app.port })
  const chromium = await startChromium(
    t,
    `--host-resolver-rules=MAP *.example.org:443 127.0.0.1:${proxy.port}`
  )
  const context = await chromium.newContext({ ignoreHTTPSErrors: true })
  return { app, service, clock, redis, proxy, context, page: await context.newPage() }
}

async function signIn(page: Page) {
  await page.getByLabel(/^Name/).fill(person.username)
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** What the app sends over a WebSocket; undefined if it cannot be opened. */
function hearWebSocket(page: Page): Promise<string | undefined> {
  return page.evaluate(
    `new Promise((resolve) => {
      const socket = new WebSocket('wss://app.example.org/live')
      socket.onmessage = ({ data }) => resolve(data)
      socket.onerror = () => resolve(undefined)
    })`
  )
}

/** A raw request: browsers do not send such headers. */
function send({ port }: ProxyServer, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      servername: 'app.example.org',
      rejectUnauthorized: false,
      agent: false
    }
    const sent = request(
      { ...options, path: '/', headers: { host: 'app.example.org', ...headers } },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      }
    )
    sent.on('error', reject).end()
  })
}

for (const [name, startProxy] of Object.entries(proxies)) {
  t.test(`behind ${name}`, async (t) => {
    const { app, service, clock, redis, proxy, context, page } = await start(t, startProxy)

    t.test('a visitor is sent to the sign-in page, and then to the page they wanted', async (t) => {
      await page.goto(notes)
      t.equal(new URL(page.url()).origin, env.PUBLIC_URL)
      t.same(app.seen, [], 'the app got no request')
      await signIn(page)
      await page.waitForURL('https://app.example.org/**')
      t.equal(page.url(), notes)
      t.equal(await page.getByRole('heading').textContent(), 'Hello, J%C3%BCrgen')
    })

    t.test('WebSockets work', async (t) => {
      t.equal(await hearWebSocket(page), 'Hello, J%C3%BCrgen')
    })

    t.test('a page of another app on the same site opens none', async (t) => {
      const other = await context.newPage()
      await other.route('https://other.example.org/', (route) => route.fulfill({ contentType: 'text/html' }))
      await other.goto('https://other.example.org/')
      const cookies = await context.cookies(other.url())
      t.match(cookies, [{ name: '__Secure-latchkey' }], 'the browser would send it')
      const before = app.seen.length
      t.equal(await hearWebSocket(other), undefined)
      t.equal(app.seen.length, before)
      await other.close()
    })

    t.test('the app gets its own cookies, but not the session cookie', async (t) => {
      await page.reload()
      const cookies = await context.cookies('https://app.example.org/')
      t.same(cookies.map(({ name }) => name).sort(), ['__Secure-latchkey', 'theme'])
      t.equal(app.seen.at(-1)?.cookie?.replace(/; $/, ''), 'theme=dark')
      t.notMatch(JSON.stringify(app.seen), '__Secure-latchkey')
    })

    t.test('forged identity headers are ignored', async (t) => {
      const forged = {
        'Remote-User': 'root',
        Remote_User: 'root',
        'X-Auth-Session-Age': '-1',
        X_Auth_Session_Age: '-1'
      }
      const before = app.seen.length
      t.equal(await send(proxy, forged), 401)
      t.equal(app.seen.length, before, 'signed out, nothing reaches the app')

      const [ticket] = await context.cookies(env.PUBLIC_URL)
      const cookie = `theme=dark; __Secure-latchkey=${ticket?.value}; lang=de`
      t.equal(await send(proxy, { ...forged, cookie }), 200)
      const { cookie: passed, ...headers } = app.seen.at(-1) ?? {}
      t.equal(headers['remote-user'], 'J%C3%BCrgen')
      t.equal(passed, 'theme=dark; lang=de')
      t.match(headers['x-auth-session-age'], /^\d+$/)
      t.notMatch(JSON.stringify(headers), /root|-1"/)
    })

    t.test('with a planted second session cookie the app gets neither', async (t) => {
      const [ticket] = await context.cookies(env.PUBLIC_URL)
      const planted = '__Secure-latchkey=planted'
      const cookie = `theme=dark; __Secure-latchkey=${ticket?.value}; ${planted}; lang=de`
      t.equal(await send(proxy, { cookie }), 200)
      t.notMatch(JSON.stringify(app.seen), '__Secure-latchkey')
    })

    t.test('forged forwarding headers redirect nobody elsewhere', async (t) => {
      const elsewhere = {
        accept: 'text/html',
        'X-Original-URL': 'https://evil.example/',
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Uri': '@evil.example/',
        'X-Forwarded-Proto': 'http'
      }
      await t.resolveMatch(send(proxy, elsewhere), /30[23]|40[13]/)
    })

    t.test('while the session store is away nobody gets through, with an honest 503', async (t) => {
      const [ticket] = await context.cookies(env.PUBLIC_URL)
      const cookie = `__Secure-latchkey=${ticket?.value}`
      await redis.stop()
      // A cached session is used for another half second.
      await eventually('no answer', async () => (await send(proxy, { cookie })) === 503)
      const before = app.seen.length
      t.equal(await send(proxy, { cookie }), 503)
      t.equal(app.seen.length, before)
      await redis.start()
      await eventually('an answer', async () => (await send(proxy, { cookie })) === 200)
    })

    t.test('a change of group counts at once, while a page is open', async (t) => {
      const { accounts, groups } = service.latchkey
      const account = await accounts.find(person.username)
      const family = 'https://app.example.org/family'
      await groups.add('family')
      await page.goto(family)
      t.equal(new URL(page.url()).pathname, '/refused')
      t.match(await page.locator('main').textContent(), `app.example.org is not open to ${person.username}.`)
      await groups.join(account?.id ?? '', 'family')
      await page.goto(family)
      t.equal(await page.getByRole('heading').textContent(), 'Hello, J%C3%BCrgen')
      await groups.leave(account?.id ?? '', 'family')
      t.equal(
        await page.evaluate("fetch('/family').then(({ status }) => status)"),
        403,
        'a script of the page'
      )
      await page.reload()
      t.equal(new URL(page.url()).pathname, '/refused')
    })

    t.test('whoever needs two factors sets the second one up, proves it again, and comes back', async (t) => {
      const pay = 'https://app.example.org/pay?order=7'
      await page.goto(pay)
      t.equal(new URL(page.url()).pathname, '/login/setup')
      const key = (await page.locator('main code').first().textContent()) ?? ''
      const codeNow = () =>
        TOTP.generate({ secret: Secret.fromBase32(key.replaceAll(' ', '')), timestamp: clock.time })
      await page.getByLabel('The code that the app shows now').fill(codeNow())
      await page.getByRole('button', { name: 'Set up', exact: true }).click()
      await page.getByRole('link', { name: 'I have stored them' }).click()
      await page.waitForURL(pay)
      t.equal(await page.getByRole('heading').textContent(), 'Hello, J%C3%BCrgen')
      t.equal(app.seen.at(-1)?.['x-auth-factors'], 'password totp')

      clock.pass(11 * 60_000)
      await page.reload()
      t.equal(new URL(page.url()).pathname, '/confirm')
      await page.getByLabel('Password', { exact: true }).fill(person.password)
      await page.getByLabel('Code from your app, or a recovery code').fill(codeNow())
      await page.getByRole('button', { name: 'Confirm', exact: true }).click()
      await page.waitForURL(pay)
      t.equal(app.seen.at(-1)?.['x-auth-session-age'], '0')
    })

    t.test('signing out at Latchkey closes the app', async (t) => {
      await page.goto(`${env.PUBLIC_URL}/logout`)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${env.PUBLIC_URL}/login?signedOut`)
      t.same(
        (await context.cookies('https://app.example.org/')).map(({ name }) => name),
        ['theme']
      )
      const before = app.seen.length
      await page.goto(notes)
      t.equal(new URL(page.url()).pathname, '/login')
      t.equal(await hearWebSocket(page), undefined)
      t.equal(app.seen.length, before)
    })
  })
}
