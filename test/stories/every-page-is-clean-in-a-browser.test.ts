// group: browser
import { readFileSync } from 'node:fs'
import axe, { type AxeResults } from 'axe-core'
import type { CDPSession, Page, Request } from 'playwright-core'
import t, { type Test } from 'tap'
import { alice, build } from '../build.ts'
import { furtherPages, pagesOf, send } from '../every-page.ts'
import { wordiestTexts } from '../i18n/wordiest-texts.ts'
import { startChromium } from '../servers/chromium.ts'
import { eventually } from '../servers/eventually.ts'

/**
 * All that a page loads, except the optional script. The reference of the API is the longest; a QR code of the longest names has
 * 5 kB, and administrators see many events and every setting.
 */
const mostBytes = (name: string) => (name.startsWith('admin-') ? 40_000 : (more[name] ?? 20_000))
const more: Readonly<Record<string, number>> = {
  ...{ api: 60_000, 'login-setup': 23_000, 'account-authenticator-app': 23_000 },
  // Another page comes before it.
  'account-undo-email': 35_000
}

/** Names of a person as long as they may be, as those of offices often are, and short. An address is no name where mail is sent. */
const longest = `${'maximiliane.hohenzollern_'.padEnd(56, 'stadtverwaltung')}.example`
const names = [longest, 'maximiliane.hohenzollern_stadt.uk.example', 'alice']
/** As long as it may be. */
const longSite = 'Stadtverwaltung Hohenzollern-Sigmaringen'
const sites = [longSite, 'Latchkey']

/** In CSS pixels; 32 are the letters of somebody who has set them twice as large. */
const widths = [1280, 320]
const letters = [32, 16]

const layoutScript = readFileSync(new URL('../layout-faults.js', import.meta.url), 'utf8')

async function start(t: Test, env: Record<string, string> = {}) {
  const app = await build(t, {
    env: { REGISTRATION: 'open', REGISTRATION_EMAIL: 'optional', ...env },
    routes: furtherPages
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  // Passkeys work at a name only.
  return { app, url, name: url.replace('127.0.0.1', 'localhost') }
}

/** Collects the browser's complaints, and the size of the page. */
async function watch(page: Page) {
  const complaints: string[] = []
  const sizes: Promise<number>[] = []
  await page.addInitScript(() => {
    const report = (violation: { violatedDirective: string; blockedURI: string }) =>
      console.error(`blocked: ${violation.violatedDirective} ${violation.blockedURI}`)
    Reflect.get(globalThis, 'document').addEventListener('securitypolicyviolation', report)
  })
  page.on('console', (message) => {
    // A 404 page has the status 404; that is no complaint.
    if (!/the server responded with a status of 4\d\d/.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`))
  page.on('requestfinished', (request) => {
    if (request.resourceType() !== 'script') sizes.push(sizeOf(request))
  })
  const loaded = async () => (await Promise.all(sizes.splice(0))).reduce((sum, size) => sum + size, 0)
  return { complaints, loaded }
}

async function sizeOf(request: Request): Promise<number> {
  const { responseBodySize, responseHeadersSize } = await request.sizes()
  return responseBodySize + responseHeadersSize
}

/** Findings of axe-core (WCAG 2.2 A and AA, and best practices), or of those rules only that a colour can break. */
async function barriers(page: Page, isOnlyColour = false): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source)
  // Without what it has passed, which is much more.
  const options = { resultTypes: ['violations'], ...(isOnlyColour && { runOnly: ofColour }) }
  const violations: AxeResults['violations'] = await page.evaluate(
    `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`
  )
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

const ofColour = ['color-contrast', 'link-in-text-block']

/** Where everything is. */
function boxes(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('body *')].map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect()
    return [element.localName, x, y, width, height].join(' ')
  })`)
}

/** Elements with an animation or transition. */
function moving(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('*')]
    .filter((element) => {
      const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element)
      return animationName !== 'none' || transitionDuration !== '0s' || scrollBehavior !== 'auto'
    })
    .map(({ outerHTML }) => outerHTML)`)
}

/** What does not fit on a page, in each size and with each name, and where its header is. */
async function measure(page: Page, devTools: CDPSession) {
  const faults: string[] = []
  const places: [size: string, found: readonly string[]][] = []
  await page.evaluate(layoutScript)
  for (const width of widths) {
    await page.setViewportSize({ width, height: 560 })
    for (const standard of letters) {
      await devTools.send('Page.setFontSizes', { fontSizes: { standard } })
      for (const site of sites) {
        const size = `${site} at ${width} px with letters of ${standard} px`
        const found = await page.evaluate((shown) => Reflect.get(globalThis, 'layoutsWith')(shown), {
          names,
          sites,
          site
        })
        faults.push(...found.faults.map((fault: string) => `${size}: ${fault}`))
        places.push([size, found.places])
      }
    }
  }
  return { faults, places }
}

t.test(
  'with long texts, in each scheme and size, every page is accessible, light and free of errors',
  async (t) => {
    const { name: url } = await start(t, {
      SITE_NAME: longSite,
      TEXTS: t.testdir({ 'de.json': wordiestTexts() })
    })
    const chromium = await startChromium(t)
    const context = await chromium.newContext({ locale: 'de' })
    const page = await context.newPage()
    const { complaints, loaded } = await watch(page)
    // Each page is measured as on a first visit.
    const devTools = await context.newCDPSession(page)
    await devTools.send('Network.enable')
    await devTools.send('Network.setCacheDisabled', { cacheDisabled: true })
    const headers = new Map<string, string>()
    for (const [name, open] of Object.entries(pagesOf({ ...alice, username: longest }))) {
      await page.emulateMedia({ colorScheme: 'light' })
      await open(page, url)
      await page.waitForLoadState('load')
      const isWide = (await page.locator('body.wide').count()) > 0
      const { faults, places } = await measure(page, devTools)
      t.same(faults, [], `${name}: everything fits`)
      for (const [size, [place = '', ...others]] of places) {
        const kind = `${isWide ? 'wide' : 'narrow'} page of ${size}`
        const first = headers.get(kind) ?? place
        headers.set(kind, first)
        t.same(new Set([place, ...others]), new Set([first]), `${name}, ${kind}: the header does not move`)
      }
      t.same(await barriers(page), [], `${name}: axe finds nothing`)
      const inLight = await boxes(page)
      await page.emulateMedia({ colorScheme: 'dark' })
      // So everything fits there too.
      t.same(await boxes(page), inLight, `${name}: the dark scheme moves nothing`)
      t.same(await barriers(page, true), [], `${name} in dark: axe finds nothing`)
      t.same(complaints.splice(0), [], `${name}: the browser reports nothing`)
      t.same(await moving(page), [], `${name}: nothing moves, so reduced motion needs no rule`)
      const bytes = await loaded()
      t.ok(bytes < mostBytes(name), `${name}: ${bytes} bytes for both, less than ${mostBytes(name)}`)
    }
  }
)

t.test('what does not fit would be found', async (t) => {
  const { url } = await start(t)
  const page = await (await startChromium(t)).newPage()
  await page.goto(`${url}/login`)
  await page.evaluate(layoutScript)
  const spoil = async (selector: string, style: string) => {
    const spoilt = page.locator(selector)
    await spoilt.evaluate(
      (element, style) => Reflect.set(Reflect.get(element, 'style'), 'cssText', style),
      style
    )
    const { faults } = await page.evaluate<{ faults: string[] }>(
      "layoutsWith({ names: ['alice'], sites: ['Latchkey'], site: 'Latchkey' })"
    )
    await spoilt.evaluate((element) => Reflect.set(Reflect.get(element, 'style'), 'cssText', ''))
    return faults
  }
  t.same(await spoil('main button', 'inline-size: 3.7rem; padding: 0; overflow-wrap: normal'), [
    'alice: the button "Sign in" wraps'
  ])
  t.match(await spoil('main button', 'inline-size: 1rem; overflow-wrap: anywhere'), [
    'alice: "Sign" is broken'
  ])
  t.match(await spoil('h1', 'inline-size: 1rem; overflow-wrap: normal'), [/leaves <h1>/])
  t.match(await spoil('main', 'min-inline-size: 3000px'), [/the page is \d+ px wide/])
  t.same(await spoil('main', ''), [])
})

t.test('injected markup does not run', async (t) => {
  const { url } = await start(t)
  const page = await (await startChromium(t)).newPage()
  const { complaints } = await watch(page)
  const blocked = () => complaints.filter((complaint) => complaint.startsWith('blocked: '))
  for (const injected of [
    '<img src=x onerror="window.ran = true">',
    '<style>body { color: red }</style>',
    '<iframe src="https://evil.example/"></iframe>',
    '<img src="https://evil.example/x.png">',
    '<form action="https://evil.example/"><button id="go"></button></form>'
  ]) {
    await page.goto(`${url}/login`)
    complaints.length = 0
    await page.evaluate((html) => {
      const { body } = Reflect.get(globalThis, 'document')
      body.insertAdjacentHTML('beforeend', html)
      body.querySelector('#go')?.click()
    }, injected)
    await eventually(`a complaint about ${injected}`, async () => blocked().length > 0)
    t.match(blocked(), [/^blocked: /], injected)
  }
  t.equal(await page.evaluate('window.ran'), undefined)
})

t.test('a password can be shown, and is hidden again before it is sent', async (t) => {
  const { url } = await start(t)
  const page = await (await startChromium(t)).newPage()
  for (const path of ['/login', '/register']) {
    await page.goto(url + path)
    const password = page.getByLabel('Password')
    await password.fill('correct horse')
    await page.getByRole('button', { name: 'Show what is typed' }).click()
    t.equal(await password.getAttribute('type'), 'text')
    t.equal(await password.inputValue(), 'correct horse')
    await page.getByRole('button', { name: 'Hide what is typed' }).click()
    t.equal(await password.getAttribute('type'), 'password')
  }
  await page.getByRole('button', { name: 'Show what is typed' }).click()
  await page.evaluate(`document.forms[0].addEventListener('submit', (event) => {
    event.preventDefault()
    window.sentAs = document.getElementById('password').type
  })`)
  await page.getByLabel(/^Name/).fill('alice')
  await page.getByLabel('Password').press('Enter')
  t.equal(await page.evaluate('window.sentAs'), 'password', 'Enter sends the form instead of pressing Show')
})

t.test('without JavaScript there is no such button, and the form works', async (t) => {
  const { url } = await start(t)
  const page = await (await (await startChromium(t)).newContext({ javaScriptEnabled: false })).newPage()
  await page.goto(`${url}/register`)
  t.equal(await page.getByRole('button').count(), 1)
  await page.getByLabel(/^Name/).fill(alice.username)
  await page.getByLabel('Password').fill(alice.password)
  await send(page)
  t.equal(page.url(), `${url}/dashboard`)
})

t.test('long names and passwords can be pasted, and password managers recognise the fields', async (t) => {
  const { app, url } = await start(t)
  const context = await (await startChromium(t)).newContext({ permissions: ['clipboard-write'] })
  const page = await context.newPage()
  const paste = async (label: string | RegExp, text: string) => {
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
    await page.getByLabel(label).press('ControlOrMeta+V')
    t.equal(await page.getByLabel(label).inputValue(), text)
  }
  const name = '𠮷田太郎'.repeat(16)
  const password = Array.from({ length: 60 }, (_, index) => `${index}🦊`)
    .join('-')
    .slice(0, 255)

  for (const [path, token] of [
    ['/register', 'new-password'],
    ['/login', 'current-password']
  ]) {
    await page.goto(url + path)
    t.equal(await page.getByLabel(/^Name/).getAttribute('autocomplete'), 'username')
    t.equal(await page.getByLabel('Password').getAttribute('autocomplete'), token)
    await paste(/^Name/, name)
    await paste('Password', password)
    await send(page)
    t.equal(page.url(), `${url}/dashboard`)
    await page.getByRole('button', { name: 'Sign out' }).click()
  }
  t.same(
    (await app.latchkey.accounts.list()).map((account) => account.name),
    [name]
  )
})

t.test('over plain http at home, where only Origin is sent, people can sign in', async (t) => {
  const { url } = await start(t)
  const { port } = new URL(url)
  const page = await (await startChromium(t)).newPage()
  const { complaints } = await watch(page)
  const sent: Record<string, string>[] = []
  page.on('request', async (request) => {
    if (request.method() === 'POST') sent.push(await request.allHeaders())
  })
  const register = async (host: string) => {
    await page.goto(`http://${host}:${port}/register`)
    await page.getByLabel(/^Name/).fill(host)
    await page.getByLabel('Password').fill(alice.password)
    await send(page)
    await page.waitForLoadState('load')
  }
  await register('box.lan')
  t.equal(page.url(), `http://box.lan:${port}/dashboard`)
  t.match(sent[0], { origin: `http://box.lan:${port}` })
  t.equal(sent[0]?.['sec-fetch-site'], undefined)
  t.notMatch(complaints.join(), 'blocked: ')

  await register('evil.example')
  t.match(await page.locator('body').innerText(), 'is not known by the name "evil.example')
})
