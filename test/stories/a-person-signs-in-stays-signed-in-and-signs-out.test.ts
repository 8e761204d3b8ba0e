// group: browser
import t from 'tap'
import { alice } from '../build.ts'
import { startChromium } from '../servers/chromium.ts'
import { freePort } from '../servers/free-port.ts'
import { startService } from '../servers/service.ts'

for (const javaScriptEnabled of [true, false]) {
  t.test(`in Chromium with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async (t) => {
    // It starts twice on the same port.
    const env = { DATABASE_URL: `file:${t.testdir()}/latchkey.db`, PORT: `${await freePort()}` }
    const service = await startService(t, { env })
    let restarted = service
    const chromium = await startChromium(t)
    const page = await (await chromium.newContext({ javaScriptEnabled })).newPage()
    const at = () => page.url().slice(service.url.length)
    const fillIn = async (password: string) => {
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: /^(Sign in|Create account)$/ }).click()
    }

    await t.test('creates the first account and lands on the dashboard', async (t) => {
      await page.goto(service.url)
      await page.getByRole('link', { name: 'Create the first account' }).click()
      t.equal(await page.locator(':focus').getAttribute('name'), 'username')
      await page.getByLabel(/^Name/).fill(alice.username)
      await fillIn(alice.password)
      t.equal(at(), '/dashboard')
      t.equal(await page.getByRole('heading').innerText(), 'Hello, alice')
    })

    await t.test('is still signed in after a restart of the service', async (t) => {
      await service.stop()
      restarted = await startService(t.parent as typeof t, { env })
      await page.reload()
      t.equal(await page.getByRole('heading').innerText(), 'Hello, alice')
    })

    await t.test('signs out, and the back button shows nothing private', async (t) => {
      await page.getByRole('button', { name: 'Sign out' }).click()
      t.equal(at(), '/login?signedOut')
      await page.waitForLoadState('networkidle')
      await page.goBack()
      t.match(at(), /^\/login/)
      t.notMatch(await page.locator('body').innerText(), 'alice')
    })

    await t.test('is asked to sign in again, and returns to the wanted page', async (t) => {
      await page.goto(`${service.url}/dashboard?from=bookmark`)
      t.equal(at(), '/login?next=%2Fdashboard%3Ffrom%3Dbookmark')
      await page.getByLabel(/^Name/).fill(alice.username)
      await fillIn('not the password')
      t.equal(await page.getByRole('alert').innerText(), 'That name and password do not match.')
      t.equal(await page.getByLabel(/^Name/).inputValue(), alice.username)
      t.equal(await page.locator(':focus').getAttribute('name'), 'password')
      await fillIn(alice.password)
      t.equal(at(), '/dashboard?from=bookmark')
      await page.goto(`${service.url}/login`)
      t.equal(at(), '/dashboard', 'signed in already')
    })

    for (const { output } of [service, restarted]) {
      t.notMatch(output(), 'DeprecationWarning', 'uses nothing that Node is about to remove')
    }
  })
}
