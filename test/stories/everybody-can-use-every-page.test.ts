// group: browser
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { alice, build } from '../build.ts'
import { everyPage, furtherPages, send } from '../every-page.ts'
import { startChromium, startWholeChromium } from '../servers/chromium.ts'
import { eventually } from '../servers/eventually.ts'

const newPassword = 'three quite new words'

async function start(t: Test, env: Record<string, string> = {}) {
  const app = await build(t, {
    env: { REGISTRATION: 'open', REGISTRATION_EMAIL: 'optional', ...env },
    routes: furtherPages
  })
  return app.listen({ port: 0, host: '127.0.0.1' })
}

/** Presses Tab until the element of this name has a visible focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press('Tab')
    const focused = page.locator(':focus')
    if ((await focused.count()) === 0) continue
    const outline = await focused.evaluate('document.activeElement.matches(":focus-visible")')
    if (!outline) throw new Error(`Nobody sees that ${name} has the focus`)
    const words = await focused.evaluate(
      (element) => Reflect.get(element, 'labels')?.[0]?.innerText ?? Reflect.get(element, 'innerText')
    )
    if (words.trim() === name) return
  }
  throw new Error(`Tab does not lead to ${name}`)
}

t.test('the whole journey works with the keyboard alone', async (t) => {
  const url = await start(t)
  const page = await (await startChromium(t)).newPage()
  const { keyboard } = page
  const enter = async () => {
    const loaded = page.waitForEvent('load')
    await keyboard.press('Enter')
    await loaded
  }
  const follow = async (name: string) => {
    await tabTo(page, name)
    await enter()
  }
  const focused = () => page.locator(':focus').getAttribute('id')
  const typeAndSend = async (...texts: string[]) => {
    // Chromium applies autofocus at its next frame, perhaps after the load event.
    await page.locator('input:focus').waitFor()
    for (const [index, text] of texts.entries()) {
      if (index > 0) await keyboard.press('Tab')
      // The button that shows a password is between two password fields.
      if (index > 0 && (await page.locator(':focus').getAttribute('type')) === 'button')
        await keyboard.press('Tab')
      await keyboard.type(text)
    }
    await enter()
  }

  await page.goto(url)
  await follow('Create the first account')
  t.equal(await focused(), 'username', 'the first field has the focus')
  await typeAndSend(alice.username, 'too short')
  t.equal(await focused(), 'password', 'the first wrong field has the focus')
  await typeAndSend(alice.password)
  t.equal(await page.getByRole('heading').innerText(), 'Hello, alice')

  await follow('Your account')
  await follow('Change your password')
  await typeAndSend('wrong', newPassword)
  t.equal(await focused(), 'current')
  t.equal(await page.getByRole('alert').innerText(), 'That is not your password.')
  t.equal(await page.locator(':focus').getAttribute('aria-describedby'), 'error', 'it says what is wrong')
  await typeAndSend(alice.password, newPassword)
  t.match(await page.getByRole('status').first().innerText(), 'Your password has been changed.')

  await follow('Sign out')
  await typeAndSend(alice.username, newPassword)
  await page.waitForURL(`${url}/dashboard`)
})

t.test('Chromium has no recommendation for any form with a password', async (t) => {
  const url = await start(t)
  const page = await (await startWholeChromium(t)).newPage()
  const recommended: string[] = []
  const devTools = await page.context().newCDPSession(page)
  devTools.on('Log.entryAdded', ({ entry }) => {
    if (entry.source === 'recommendation') recommended.push(entry.text)
  })
  await devTools.send('Log.enable')
  for (const [name, open] of Object.entries(everyPage)) {
    await open(page, url.replace('127.0.0.1', 'localhost'))
    await page.waitForLoadState('networkidle')
    t.same(recommended.splice(0), [], name)
  }
  await page.evaluate(`document.querySelector('main').innerHTML = '<form><input type="password"></form>'`)
  await eventually('a recommendation', async () => recommended.length > 0)
  t.match(recommended.join(), 'autocomplete', 'it would say so')
})

t.test('every page reads from right to left if its language does', async (t) => {
  const TEXTS = t.testdir({ 'ar.json': '{ "login": { "title": "تسجيل الدخول" } }' })
  const url = await start(t, { TEXTS, DATABASE_URL: 'file::memory:' })
  const chromium = await startChromium(t)
  const context = await chromium.newContext({ locale: 'ar', viewport: { width: 320, height: 560 } })
  const page = await context.newPage()
  await page.goto(`${url}/login`)
  const edgesOf = (selector: string) =>
    page.locator(selector).evaluate((element) => Reflect.get(element, 'getBoundingClientRect').call(element))
  t.ok((await edgesOf('.brand img')).left > (await edgesOf('.brand span')).left, 'the logo comes first')
  t.ok((await edgesOf('#password')).left > (await edgesOf('[type=button]')).left)
  const runsWell = async () => {
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 320, page.url())
    t.equal(await page.evaluate('document.documentElement.dir'), 'rtl', page.url())
  }
  await runsWell()

  await page.goto(`${url}/register`)
  await page.locator('#username').fill(alice.username)
  await page.locator('#password').fill(alice.password)
  await send(page)
  await page.goto(`${url}/account/sessions`)
  t.ok((await edgesOf('.cards dt >> nth=0')).left > (await edgesOf('.cards dd >> nth=0')).left)
  t.ok((await edgesOf('.brand')).left > (await edgesOf('nav')).left, 'the sign-out button is at the end')
  await runsWell()
})

t.test('printing a page shows none of its content', async (t) => {
  const url = await start(t)
  const page = await (await startChromium(t)).newPage()
  await page.goto(`${url}/register`)
  await page.getByLabel(/^Name/).fill(alice.username)
  await page.getByLabel('Password', { exact: true }).fill(alice.password)
  await send(page)
  await page.goto(`${url}/account`)
  t.match(await page.locator('body').innerText(), 'alice')
  await page.emulateMedia({ media: 'print' })
  t.equal((await page.locator('body').innerText()).trim(), 'This page is private, so it is not printed.')
})
