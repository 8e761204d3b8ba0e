import { DatabaseSync } from 'node:sqlite'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { accountOf, alice, build, databaseFile, secret } from '../../build.ts'
import { CookieJar } from '../../cookie-jar.ts'

const mallory = { username: 'mallory', password: 'purple monkey dishwasher' }
const host = 'login.example.org'
const settings = {
  PUBLIC_URL: `https://${host}`,
  TRUST_PROXY: 'loopback',
  SESSION_COOKIE: 'sid',
  SESSION_SECRET: secret
}

/** A browser with a jar that tells cookies apart as browsers do, at whichever service it is given. */
class Browser {
  readonly jar = new CookieJar(host)

  async get(app: FastifyInstance, url: string, headers: Record<string, string> = {}) {
    return this.#keep(await app.inject({ url, headers: { ...this.#headers(), ...headers } }))
  }

  async post(app: FastifyInstance, url: string, form = {}, headers: Record<string, string> = {}) {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const payload = new URLSearchParams(form).toString()
    return this.#keep(
      await app.inject({ method: 'POST', url, payload, headers: { ...this.#headers(), ...type, ...headers } })
    )
  }

  #headers(): Record<string, string> {
    return { accept: 'text/html', 'x-forwarded-proto': 'https', host, cookie: this.jar.header() }
  }

  #keep(response: Awaited<ReturnType<FastifyInstance['inject']>>) {
    this.jar.take([response.headers['set-cookie'] ?? []].flat())
    return response
  }
}

/** Services with one database, each with its own COOKIE_DOMAIN, and a browser that is signed in to none. */
async function open(t: Test, ...domains: string[]) {
  const file = `file:${t.testdir()}/latchkey.db`
  const services: FastifyInstance[] = []
  for (const COOKIE_DOMAIN of domains)
    services.push(await build(t, { env: { ...settings, COOKIE_DOMAIN, DATABASE_URL: file } }))
  const [first] = services
  if (!first) throw new Error('No service')
  for (const who of [alice, mallory]) await first.latchkey.accounts.add(who)
  const count = () => {
    const database = new DatabaseSync(databaseFile(first), { readOnly: true })
    const row = database
      .prepare(`SELECT count(*) AS sessions FROM sessions WHERE record NOT LIKE '%"movedTo":%'`)
      .get()
    database.close()
    return Number(row?.sessions)
  }
  return { services: services as [FastifyInstance, FastifyInstance], browser: new Browser(), count }
}

const sids = ({ jar }: Browser) => jar.cookies.filter(({ name }) => name === 'sid')

for (const [before, after] of [
  ['example.org', ''],
  ['', 'example.org'],
  ['example.org', host],
  [host, 'example.org']
] as const)
  t.test(`COOKIE_DOMAIN changed from "${before}" to "${after}"`, async (t) => {
    t.test('somebody whose former session is over signs in once, and keeps one cookie', async (t) => {
      const { services, browser } = await open(t, before, after)
      const [former, present] = services
      await browser.post(former, '/login', alice)
      const [old] = sids(browser)
      await present.latchkey.sessions.revokeAllOf(await accountOf(present))
      t.equal((await browser.post(present, '/login', alice)).statusCode, 303)
      t.equal(sids(browser).length, 1, 'the former cookie is cleared by signing in')

      // As a browser has them that signed in before the former one was cleared.
      for (const isFirst of [true, false]) {
        if (old) browser.jar.put(old, isFirst)
        t.equal(sids(browser).length, 2)
        const page = await browser.get(present, '/dashboard', { 'sec-fetch-mode': 'navigate' })
        t.equal(page.statusCode, 200)
        t.same(
          sids(browser).map(({ domain }) => domain),
          [after || undefined]
        )
        t.equal((await browser.get(present, '/dashboard')).statusCode, 200)
      }
    })

    t.test('the living session is kept where its cookie is the former one', async (t) => {
      const { services, browser } = await open(t, before, after)
      const [former, present] = services
      await browser.post(former, '/login', { ...alice, remember: 'on' })
      browser.jar.put({ name: 'sid', value: 's%3Aunknown', domain: after || undefined, path: '/' }, true)
      t.equal((await browser.get(present, '/dashboard')).statusCode, 200)
      t.same(
        sids(browser).map(({ domain }) => domain),
        [after || undefined]
      )
      t.ok(sids(browser)[0]?.expires, 'it stays after the browser closes')
      t.equal((await browser.get(present, '/dashboard')).statusCode, 200)
    })

    t.test('two living sessions of different users are nobody, until one signs in again', async (t) => {
      const { services, browser } = await open(t, before, after)
      const [former, present] = services
      await browser.post(former, '/login', mallory)
      const [planted] = sids(browser)
      browser.jar.cookies.length = 0
      await browser.post(present, '/login', alice)
      if (planted) browser.jar.put(planted, true)
      const gone = await browser.get(present, '/dashboard', { 'sec-fetch-mode': 'navigate' })
      t.same([gone.statusCode, gone.headers.location], [303, '/login?next=%2Fdashboard'])
      t.same(sids(browser), [])
      t.equal((await browser.post(present, '/login', alice)).statusCode, 303)
      t.match((await browser.get(present, '/dashboard')).body, 'alice')
    })

    t.test('signing out ends every session whose cookie was sent', async (t) => {
      const { services, browser, count } = await open(t, before, after)
      const [former, present] = services
      await browser.post(former, '/login', alice)
      const [older] = sids(browser)
      browser.jar.cookies.length = 0
      await browser.post(present, '/login', alice)
      if (older) browser.jar.put(older, true)
      t.equal(count(), 2)
      t.equal((await browser.post(present, '/logout')).statusCode, 303)
      t.equal(count(), 0)
      t.same(sids(browser), [])
    })
  })

t.test('a request that runs beside a sign-in leaves the cookie of the present settings alone', async (t) => {
  const { services, browser } = await open(t, 'example.org', '')
  const [former, present] = services
  await browser.post(former, '/login', alice)
  const [old] = sids(browser)
  browser.jar.cookies.length = 0
  await browser.post(present, '/login', alice)
  if (old) browser.jar.put(old, true)
  await present.latchkey.sessions.revokeAllOf(await accountOf(present))
  const lines = (await browser.get(present, '/dashboard', { 'sec-fetch-mode': 'cors' })).headers['set-cookie']
  t.same(
    [lines]
      .flat()
      .map((line) => /; Domain=([^;]*)/.exec(`${line}`)?.[1])
      .sort(),
    ['example.org', host]
  )
})

t.test('a session that was ended while the request ran is not put back into the browser', async (t) => {
  const routes = (app: FastifyInstance) =>
    app.get('/end', async () => ({ ended: await app.latchkey.sessions.revokeAllOf(await accountOf(app)) }))
  const app = await build(t, { env: settings, routes })
  await app.latchkey.accounts.add(alice)
  const browser = new Browser()
  await browser.post(app, '/login', alice)
  browser.jar.put({ name: 'sid', value: 'unknown', domain: 'example.org', path: '/' }, true)
  const { headers, body } = await browser.get(app, '/end', { 'sec-fetch-mode': 'navigate' })
  t.same([JSON.parse(body), headers['set-cookie']], [{ ended: 1 }, undefined])
})

t.test('at most four cookies of the name are tried', async (t) => {
  const { services, browser } = await open(t, '')
  const [service] = services
  await browser.post(service, '/login', alice)
  const own = browser.jar.header()
  const ask = async (others: number) => {
    const cookie = `${'sid=s%3Aother; '.repeat(others)}${own}`
    return (
      await service.inject({ url: '/dashboard', headers: { 'x-forwarded-proto': 'https', host, cookie } })
    ).statusCode
  }
  t.same([await ask(0), await ask(1), await ask(3), await ask(4)], [200, 200, 200, 401])
})

t.test('a cookie with the prefix __Host- can be set in one way only, and is cleared in one', async (t) => {
  const app = await build(t, { env: { ...settings, SESSION_COOKIE: '' } })
  const cookie = '__Host-latchkey=s%3Aone; __Host-latchkey=s%3Aother'
  const { headers } = await app.inject({
    url: '/dashboard',
    headers: { host, 'x-forwarded-proto': 'https', cookie }
  })
  t.equal([headers['set-cookie']].flat().length, 1)
})

t.test('a request that was sent before its session got a new id does not clear the new cookie', async (t) => {
  const app = await build(t, { env: settings })
  await app.latchkey.accounts.add(alice)
  const browser = new Browser()
  for (const [url, form] of [
    ['/login', alice],
    ['/confirm', { password: alice.password }]
  ] as const) {
    browser.jar.put({ name: 'sid', value: 'planted', domain: undefined, path: '/' }, false)
    if (url === '/confirm') await browser.post(app, '/login', alice)
    const before = browser.jar.cookies.filter(({ name }) => name === 'sid')
    t.equal((await browser.post(app, url, form)).statusCode, 303, url)
    const [present] = sids(browser)
    const late = new Browser()
    for (const cookie of before) late.jar.put(cookie, false)
    const { statusCode, headers } = await late.get(app, '/dashboard', { 'sec-fetch-mode': 'navigate' })
    t.equal(statusCode, 303, 'the former id signs nobody in')
    browser.jar.take([headers['set-cookie'] ?? []].flat())
    t.same(sids(browser), [present])
  }
})
