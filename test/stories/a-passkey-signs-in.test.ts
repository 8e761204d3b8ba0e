// group: browser
import type { Page } from 'playwright-core'
import t from 'tap'
import { accountOf, alice, build } from '../build.ts'
import { startChromium } from '../servers/chromium.ts'
import { eventually } from '../servers/eventually.ts'
import { plugIn } from '../servers/virtual-authenticator.ts'

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()
const notice = (page: Page) => page.getByRole('status').first().textContent()

const app = await build(t)
const url = (await app.listen({ port: 0, host: '127.0.0.1' })).replace('127.0.0.1', 'localhost')
const chromium = await startChromium(t)

/** A new browser. @param autofill whether it offers passkeys beside the name by itself */
async function open(autofill = true) {
  const page = await (await chromium.newContext()).newPage()
  if (!autofill)
    await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false')
  return page
}

async function signIn(page: Page) {
  await page.goto(`${url}/login`)
  await page.getByLabel(/^Name/).fill(alice.username)
  await page.getByLabel('Password', { exact: true }).fill(alice.password)
  await press(page, 'Sign in')
  await page.waitForURL((address) => address.pathname !== '/login')
}

/** @returns its name */
async function addPasskey(page: Page) {
  await page.goto(`${url}/account/security/passkeys`)
  await press(page, 'Add a passkey')
  const said = await notice(page)
  return /“(.+)”/.exec(said ?? '')?.[1] ?? ''
}

t.beforeEach(async () => {
  await app.latchkey.accounts.add(alice)
})
t.afterEach(async () => {
  await app.latchkey.accounts.remove(alice.username, { force: true })
})

t.test('by the browser beside the name, by a button, and no more when it is removed', async (t) => {
  const page = await open(false)
  const authenticator = await plugIn(page)
  await signIn(page)
  const name = await addPasskey(page)
  t.match(name, 'Chrome')
  const [credential] = await authenticator.credentials()
  const handle = Buffer.from((await accountOf(app)).id, 'base64url').toString('base64')
  t.match(credential, { userHandle: handle, rpId: 'localhost', isResidentCredential: true })
  await page.goto(`${url}/account/security/passkeys`)
  await press(page, 'Add a passkey')
  t.equal(await page.getByRole('alert').textContent(), 'This device has a passkey of yours already.')

  await press(page, 'Sign out')
  await page.getByLabel('Stay signed in on this device').check()
  await press(page, 'Sign in with a passkey')
  await page.waitForURL(`${url}/dashboard`)
  const { expires = 0 } = (await page.context().cookies()).find((cookie) => cookie.name === 'latchkey') ?? {}
  t.ok(expires > 0, 'and stays signed in, as was asked')

  await page.goto(`${url}/account/security`)
  await follow(page, 'Rename or remove')
  await follow(page, 'Remove this passkey')
  await press(page, 'Remove it')
  t.equal(await notice(page), `The passkey “${name}” has been removed.`)
  await eventually('the browser to forget it', async () => (await authenticator.credentials()).length === 0)
})

t.test('the browser offers it beside the name; one that is lost is replaced by a second', async (t) => {
  const page = await open()
  const first = await plugIn(page)
  await signIn(page)
  await addPasskey(page)
  await page.goto(`${url}/account/security`)
  t.match(await page.getByText('Add a second passkey').textContent(), 'so that you can sign in')
  await first.pullOut()
  const second = await plugIn(page, { verifies: false })
  await addPasskey(page)
  t.equal((await second.credentials()).length, 1)
  await second.pullOut()

  await press(page, 'Sign out')
  await plugIn(page)
  t.equal(await page.getByRole('button', { name: 'Sign in with a passkey' }).count(), 1)
  await signIn(page)
  await page.waitForURL(`${url}/login/code`)
  t.equal(await page.getByRole('button', { name: 'Use a passkey' }).count(), 1)
})

t.test('one without user verification is the second step, and no sign-in by itself (case 9)', async (t) => {
  const page = await open()
  await plugIn(page, { verifies: false })
  await signIn(page)
  await addPasskey(page)
  await page.goto(`${url}/account/security`)
  await press(page, 'Sign out')
  await press(page, 'Sign in with a passkey')
  t.equal(await page.getByRole('alert').textContent(), 'No passkey was used. Try again.')
  await signIn(page)
  await press(page, 'Use a passkey')
  await page.waitForURL(`${url}/dashboard`)
  t.equal(await page.getByRole('heading').textContent(), 'Hello, alice')
})

t.test('one whose account is gone is refused, and forgotten by the browser (case 15)', async (t) => {
  const page = await open(false)
  const authenticator = await plugIn(page)
  await signIn(page)
  await addPasskey(page)
  await app.latchkey.accounts.remove(alice.username, { force: true })
  await app.latchkey.accounts.add(alice)
  await page.goto(`${url}/login`)
  await press(page, 'Sign in with a passkey')
  t.match(await page.getByRole('alert').first().textContent(), 'That passkey is not known here')
  await eventually('the browser to forget it', async () => (await authenticator.credentials()).length === 0)
})
