// group: browser
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { accountOf, alice, build } from '../build.ts'
import { startChromium } from '../servers/chromium.ts'
import { plugIn } from '../servers/virtual-authenticator.ts'

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()
const notice = (page: Page) => page.getByRole('status').first().textContent()

async function start(t: Test) {
  const app = await build(t)
  await app.latchkey.accounts.add(alice)
  const url = (await app.listen({ port: 0, host: '127.0.0.1' })).replace('127.0.0.1', 'localhost')
  const page = await (await (await startChromium(t)).newContext()).newPage()
  return { app, url, page }
}

async function signIn(page: Page, url: string) {
  await page.goto(`${url}/login`)
  await page.getByLabel('Name or e-mail').fill(alice.username)
  await page.getByLabel('Password', { exact: true }).fill(alice.password)
  await press(page, 'Sign in')
  await page.waitForURL(`${url}/dashboard`)
}

t.test('a passkey is added, signs in by itself, and is removed', async (t) => {
  const { app, url, page } = await start(t)
  const first = await plugIn(page)
  await signIn(page, url)
  await follow(page, 'Your account')
  await follow(page, 'Security: codes and passkeys')
  await follow(page, 'Add a passkey')
  await press(page, 'Add a passkey')
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
  t.match(await notice(page), /The passkey “.+” has been added/)
  await follow(page, 'I have stored them')
  const [credential] = await first.credentials()
  const handle = Buffer.from((await accountOf(app)).id, 'base64url').toString('base64')
  t.match(credential, { userHandle: handle, rpId: 'localhost', isResidentCredential: true })

  await press(page, 'Sign out')
  await page.waitForURL(`${url}/dashboard`)
  t.pass('the browser offers it beside the name, and signs in')
})
