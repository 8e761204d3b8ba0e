// group: browser
import Fastify from 'fastify'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import latchkey from '../../src/index.ts'
import { schemaController } from '../../src/server/schema-compilers.ts'
import { accountOf, alice, build } from '../build.ts'
import { send } from '../every-page.ts'
import { startChromium, stopClock } from '../servers/chromium.ts'

const minute = 60_000

async function open(t: Test, path: string) {
  const app = await build(t, { env: { REGISTRATION: 'open' } })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const context = await (await startChromium(t)).newContext()
  const page = await context.newPage()
  await stopClock(page)
  await page.goto(url + path)
  return { app, url, page }
}

async function register(page: Page): Promise<void> {
  await page.getByLabel(/^Name/).fill(alice.username)
  await page.getByLabel('Password', { exact: true }).fill(alice.password)
  await send(page)
  await page.waitForLoadState('load')
}

t.test('Caps Lock is noticed in a password field', async (t) => {
  const { page } = await open(t, '/login')
  const type = (isOn: boolean) =>
    page.getByLabel('Password', { exact: true }).evaluate((input, isOn) => {
      const KeyboardEvent = Reflect.get(globalThis, 'KeyboardEvent')
      Reflect.get(input, 'dispatchEvent').call(
        input,
        new KeyboardEvent('keydown', { modifierCapsLock: isOn })
      )
    }, isOn)
  await type(true)
  t.equal(await page.getByRole('status').innerText(), 'Caps Lock is on.')
  await type(false)
  t.equal(await page.getByRole('status').innerText(), '')
})

t.test('a double click sends once, and after a timeout the form can be sent again', async (t) => {
  const { page } = await open(t, '/login')
  await page.evaluate(`window.sent = 0
  addEventListener('submit', (event) => {
    if (!event.defaultPrevented) window.sent += 1
    event.preventDefault()
  })`)
  await page.getByLabel(/^Name/).fill('alice')
  await page.getByLabel('Password', { exact: true }).fill('wrong')
  const button = page.getByRole('button', { name: 'Sign in', exact: true })

  // Playwright does not press a busy button.
  for (let presses = 0; presses < 3; presses += 1) await button.dispatchEvent('click')
  t.equal(await page.evaluate('window.sent'), 1)
  t.equal(await button.getAttribute('aria-disabled'), 'true')
  await page.clock.runFor(11_000)
  t.equal(await button.getAttribute('aria-disabled'), null)
  await button.click()
  t.equal(await page.evaluate('window.sent'), 2)
})

t.test('two minutes before its end a session can be extended, and its end is shown', async (t) => {
  const { page } = await open(t, '/register')
  await register(page)
  const bar = page.getByRole('complementary')
  const stay = bar.getByRole('button', { name: 'Stay signed in' })
  t.equal(await bar.isVisible(), false)
  await page.clock.runFor(26 * minute)
  t.equal(await bar.isVisible(), false)
  await page.clock.runFor(1.5 * minute)
  t.equal(await bar.getByRole('alert').innerText(), 'You will be signed out in 2 minutes, unless you stay.')
  await stay.click()
  await bar.waitFor({ state: 'hidden' })
  await page.clock.runFor(28.5 * minute)
  t.match(await bar.innerText(), 'You will be signed out in 1 minute')
  await page.clock.runFor(minute)
  t.match(await bar.innerText(), 'You are signed out.')
  t.equal(await stay.isVisible(), false)
  t.ok(await bar.getByRole('link', { name: 'Sign in again' }).isVisible())
})

t.test('a user who was signed out meanwhile is told so when they choose to stay', async (t) => {
  const { app, page } = await open(t, '/register')
  await register(page)
  await page.clock.runFor(27.5 * minute)
  await app.latchkey.sessions.revokeAllOf(await accountOf(app))
  await page.getByRole('button', { name: 'Stay signed in' }).click()
  await page.getByText('You are signed out.').waitFor()
  t.ok(await page.getByRole('link', { name: 'Sign in again' }).isVisible())
})

t.test('opening another page of the site extends the session here too', async (t) => {
  const { url, page } = await open(t, '/register')
  await register(page)
  await page.clock.runFor(27.5 * minute)
  const bar = page.getByRole('complementary')
  t.equal(await bar.isVisible(), true)
  await (await page.context().newPage()).goto(`${url}/dashboard`)
  await bar.waitFor({ state: 'hidden' })
})

t.test('a service under another path of the host is another site', async (t) => {
  const host = Fastify({ pluginTimeout: 0, schemaController })
  t.teardown(() => host.close())
  const options = { databaseUrl: 'file::memory:', registration: 'open', home: '/account' } as const
  for (const prefix of ['/shop', '/wiki'])
    await host.register((scope) => scope.register(latchkey, options), { prefix })
  const url = await host.listen({ port: 0, host: '127.0.0.1' })
  const context = await (await startChromium(t)).newContext()
  const [shop, wiki] = [await context.newPage(), await context.newPage()]
  await stopClock(shop)
  await shop.goto(`${url}/shop/register`)
  await register(shop)
  await shop.clock.runFor(27.5 * minute)
  await wiki.goto(`${url}/wiki/register`)
  await register(wiki)
  t.equal(await shop.getByRole('complementary').isVisible(), true)
})

t.test('the fragment of a page stays on the site', async (t) => {
  const { url, page } = await open(t, '/login')
  const links = '<a href="https://other.example/">a</a><a href="/help#own">b</a>'
  await page.route('**/login?*', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: (await response.text()).replace('</main>', `${links}</main>`) })
  })
  await page.goto(`${url}/login?next=%2Fdashboard#secret`)
  const addresses: string[] = await page.evaluate(
    'Array.from(document.querySelectorAll("main a"), (a) => a.href)'
  )
  t.same(addresses, [
    `${url}/forgot#secret`,
    `${url}/register#secret`,
    'https://other.example/',
    `${url}/help#own`
  ])
})

t.test('times are in the reader’s zone and format', async (t) => {
  const { url } = await open(t, '/login')
  const chromium = await startChromium(t)
  const context = await chromium.newContext({ locale: 'en-GB', timezoneId: 'Pacific/Kiritimati' })
  const page = await context.newPage()
  await page.goto(`${url}/register`)
  await register(page)
  const time = page.locator('time')
  const at = new Date((await time.getAttribute('datetime')) ?? '')
  const inKiritimati = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'Pacific/Kiritimati'
  })
  t.equal(await time.innerText(), inKiritimati.format(at))
})
