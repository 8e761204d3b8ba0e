// group: browser
import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import t from 'tap'
import { alice, build } from '../build.ts'
import { TestClock } from '../second-factors.ts'
import { startChromium } from '../servers/chromium.ts'
import { plugIn } from '../servers/virtual-authenticator.ts'

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()
/** Waits for the page of this heading: a press may lead there later, by a script. */
const arrivesAt = (page: Page, heading: string) =>
  page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()

async function signIn(page: Page, url: string) {
  await page.goto(`${url}/login`)
  await page.getByLabel(/^Name/).fill(alice.username)
  await page.getByLabel('Password', { exact: true }).fill(alice.password)
  await press(page, 'Sign in')
  await page.waitForURL(`${url}/login/code`)
}

/** From nothing to a passkey; without JavaScript but for the passkey. */
for (const javaScriptEnabled of [true, false])
  t.test(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async (t) => {
    const clock = new TestClock()
    const app = await build(t, { now: clock.now })
    const url = (await app.listen({ port: 0, host: '127.0.0.1' })).replace('127.0.0.1', 'localhost')
    const page = await (await (await startChromium(t)).newContext({ javaScriptEnabled })).newPage()

    await page.goto(`${url}/register`)
    await page.getByLabel(/^Name/).fill(alice.username)
    await page.getByLabel('Password', { exact: true }).fill(alice.password)
    await press(page, 'Create account')
    await follow(page, 'Your account')
    await follow(page, 'Security: codes and passkeys')
    await follow(page, 'Set up an authenticator app')
    const key = (await page.locator('main code').textContent()) ?? ''
    const codeNow = () =>
      TOTP.generate({ secret: Secret.fromBase32(key.replaceAll(' ', '')), timestamp: clock.time })
    await page.getByLabel('The code that the app shows now').fill(codeNow())
    await press(page, 'Set up')
    await arrivesAt(page, 'Your recovery codes')
    const codes = await page.locator('.codes code').allTextContents()
    t.equal(codes.length, 10)
    await page.emulateMedia({ media: 'print' })
    t.match(await page.locator('body').innerText(), codes.join('\n'), 'they can be printed')
    t.notMatch(await page.locator('body').innerText(), 'I have stored them')
    await page.emulateMedia({ media: null })
    await follow(page, 'I have stored them')
    await press(page, 'Sign out')

    await signIn(page, url)
    await page.getByLabel('Code from your app, or a recovery code').fill('000000')
    await press(page, 'Sign in')
    t.match(await page.getByRole('alert').textContent(), 'That code does not work.')
    clock.pass(30_000)
    await page.getByLabel('Code from your app, or a recovery code').fill(codeNow())
    await press(page, 'Sign in')
    await page.waitForURL(`${url}/dashboard`)
    await press(page, 'Sign out')

    // The phone is lost.
    await signIn(page, url)
    await page.getByLabel('Code from your app, or a recovery code').fill(codes[0] ?? '')
    await press(page, 'Sign in')
    await arrivesAt(page, 'Your new recovery code')
    await follow(page, 'Continue')
    await page.goto(`${url}/account/security`)
    t.match(await page.locator('main').textContent(), '10 codes are left.')
    await follow(page, 'Remove the authenticator app')
    await press(page, 'Remove it')
    t.equal(await page.getByRole('status').first().textContent(), 'The authenticator app has been removed.')

    await follow(page, 'Add a passkey')
    if (!javaScriptEnabled) {
      t.match(await page.locator('main').textContent(), 'JavaScript is switched off')
      t.equal(await page.getByRole('button', { name: 'Add a passkey' }).count(), 0)
      return
    }
    const authenticator = await plugIn(page)
    await press(page, 'Add a passkey')
    await arrivesAt(page, 'Your recovery codes')
    t.equal((await authenticator.credentials()).length, 1)
    await press(page, 'Sign out')
    await page.waitForURL(`${url}/dashboard`)
    t.pass('signed in by the passkey, which the browser offers')
  })
