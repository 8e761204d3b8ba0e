// group: browser
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { alice, build } from '../build.ts'
import { startChromium } from '../servers/chromium.ts'

const changed = 'a wholly different phrase'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

/** Alice's account, her browser here and another one elsewhere, and a clock. */
async function start(t: Test, javaScriptEnabled: boolean) {
  let time = Date.now()
  const app = await build(t, { now: () => time })
  await app.latchkey.accounts.add(alice)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const chromium = await startChromium(t)
  const open = async (userAgent?: string) => {
    const context = await chromium.newContext({ javaScriptEnabled, ...(userAgent && { userAgent }) })
    return (await context.newPage()) as Page
  }
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { app, url, here: await open(), elsewhere: await open(firefox), pass }
}

async function signIn(page: Page, url: string, password = alice.password) {
  await page.goto(`${url}/login`)
  await page.getByLabel(/^Name/).fill(alice.username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await press(page, 'Sign in')
  await page.waitForURL(`${url}/dashboard`)
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()
const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent()
const notice = (page: Page) => page.getByRole('status').textContent()

/** Whether that browser is still signed in. */
async function isIn(page: Page, url: string) {
  await page.goto(`${url}/account`)
  return new URL(page.url()).pathname === '/account'
}

async function changePassword(page: Page, current: string) {
  await page.getByLabel('Current password').fill(current)
  await page.getByLabel('New password').fill(changed)
  await press(page, 'Change password')
}

for (const javaScript of [true, false]) {
  t.test(`${javaScript ? 'with' : 'without'} JavaScript`, async (t) => {
    const { app, url, here, elsewhere, pass } = await start(t, javaScript)
    await signIn(here, url)
    await signIn(elsewhere, url)

    t.test('the dashboard leads to the account, and the account to its sessions', async (t) => {
      await follow(here, 'Your account')
      t.match(await here.getByRole('definition').first().textContent(), 'alice')
      await follow(here, 'Where you are signed in')
      t.same(await here.getByRole('heading', { level: 2 }).allTextContents(), [
        'Chrome on Linux',
        'Firefox on Linux'
      ])
    })

    t.test('a session elsewhere is ended after a question', async (t) => {
      await follow(here, 'End this session')
      t.equal(await heading(here), 'End this session?')
      await press(here, 'End the session')
      t.equal(await notice(here), 'The session has been ended.')
      t.notOk(await isIn(elsewhere, url))
    })

    t.test('a new password ends all other sessions and says so', async (t) => {
      await signIn(elsewhere, url)
      await here.goto(`${url}/account/password`)
      await changePassword(here, 'not it')
      t.equal(await here.getByRole('alert').textContent(), 'That is not your password.')
      t.ok(await here.getByLabel('Current password').evaluate((field) => field.matches(':focus')))
      await changePassword(here, alice.password)
      t.match(await notice(here), 'Your password has been changed.')
      t.notOk(await isIn(elsewhere, url))
      await signIn(elsewhere, url, changed)
    })

    t.test('recent events are listed', async (t) => {
      await follow(here, 'Recent activity')
      const told = await here.getByRole('heading', { level: 2 }).allTextContents()
      for (const what of ['Signed in', 'Another session ended', 'Password changed'])
        t.ok(told.includes(what), what)
    })

    t.test('all other sessions can be ended, and then all', async (t) => {
      await here.goto(`${url}/account/sessions`)
      await follow(here, 'End all others')
      await press(here, 'End all others')
      t.equal(await notice(here), 'One other session has been ended.')
      t.notOk(await isIn(elsewhere, url))
      await follow(here, 'Sign out everywhere')
      await press(here, 'Sign out everywhere')
      t.equal(new URL(here.url()).pathname, '/login')
      t.notOk(await isIn(here, url))
    })

    t.test('deleting the account asks for the password and then for a confirmation', async (t) => {
      await signIn(here, url, changed)
      pass(11 * 60_000)
      await here.goto(`${url}/account`)
      await follow(here, 'Delete your account')
      t.equal(await heading(here), 'Confirm that it is you')
      await here.getByLabel('Password', { exact: true }).fill(changed)
      await press(here, 'Confirm')
      t.equal(await heading(here), 'Delete your account?')
      await press(here, 'Delete my account')
      t.equal(await heading(here), 'Your account has been deleted')
      t.same(await app.latchkey.accounts.list(), [])
      t.notOk(await isIn(here, url))
    })
  })
}
