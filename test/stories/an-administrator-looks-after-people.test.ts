// group: browser
import type { Page } from 'playwright-core'
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { accountOf, alice, build } from '../build.ts'
import { TestClock } from '../second-factors.ts'
import { startChromium } from '../servers/chromium.ts'

const clock = new TestClock()
const app = await build(t, { now: clock.now })
for (const username of ['alice', 'bob', 'bobby', 'carol'])
  await app.latchkey.accounts.add({ ...alice, username })
const { accounts } = app[services]
await accounts.setRole('alice', 'admin')
const url = await app.listen({ port: 0, host: '127.0.0.1' })
const chromium = await startChromium(t)

/** Somebody's browser, which runs no scripts. */
async function open(): Promise<Page> {
  return (await chromium.newContext({ javaScriptEnabled: false })).newPage()
}

async function signIn(page: Page, username: string, password = alice.password) {
  await page.goto(`${url}/login`)
  await page.getByLabel(/^Name/).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await press(page, 'Sign in')
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).first().click()
const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent()
const notice = (page: Page) => page.getByRole('status').textContent()
const text = (page: Page) => page.locator('main').innerText()

const [here, there] = [await open(), await open()]
await signIn(here, 'alice')
await signIn(there, 'bob')

t.test('an administrator finds somebody by the beginning of a name', async (t) => {
  await follow(here, 'Accounts')
  t.same(await here.getByRole('heading', { level: 2 }).allTextContents(), ['alice', 'bob', 'bobby', 'carol'])
  await here.getByLabel('How the name or the address begins').fill('BOB')
  await press(here, 'Search')
  t.same(await here.getByRole('heading', { level: 2 }).allTextContents(), ['bob', 'bobby'])
  await follow(here, 'Last signed in first')
  t.same(await here.getByRole('heading', { level: 2 }).allTextContents(), ['bob', 'bobby'])
  await follow(here, 'bob')
  t.match(await text(here), /Role\s+User/)
  t.match(await text(here), /Sessions\s+Chrome on Linux/)
  await here.goto(`${url}/admin?find=zzz`)
  t.match(await text(here), 'No name and no address begins with “zzz”.')
})

t.test('disables the account after a question, for a reason, and enables it again', async (t) => {
  const { id } = await accountOf(app, 'bob')
  await here.goto(`${url}/admin/people/${id}`)
  await follow(here, 'Disable the account')
  t.equal(await heading(here), 'Disable the account bob?')
  await here.getByLabel('Reason').fill('The laptop was stolen.')
  await press(here, 'Disable the account')
  t.equal(await notice(here), 'Done.')
  t.match(await text(here), 'nobody can sign in to it')
  await there.goto(`${url}/account`)
  t.equal(new URL(there.url()).pathname, '/login', 'bob is signed out')
  await signIn(there, 'bob')
  t.equal(new URL(there.url()).pathname, '/login', 'and cannot sign in')
  await follow(here, 'Enable the account')
  await press(here, 'Enable the account')
  await signIn(there, 'bob')
  t.equal(new URL(there.url()).pathname, '/dashboard')
  await there.goto(`${url}/account/activity`)
  t.match(await text(there), /Account disabled.+by the administrator alice/s, 'bob reads who did it')
})

t.test('is asked for the password again after ten minutes, and comes back to the question', async (t) => {
  clock.pass(11 * 60_000)
  await follow(here, 'Sign out everywhere')
  t.equal(await heading(here), 'Confirm that it is you')
  await here.getByLabel('Password', { exact: true }).fill(alice.password)
  await press(here, 'Confirm')
  t.equal(await heading(here), 'Sign bob out everywhere?')
  // Meanwhile bob chooses another password.
  await accounts.changePassword({ username: 'bob', password: 'three quite new words' })
  await press(here, 'Sign out everywhere')
  t.match(await notice(here), 'Nothing was done: the account has changed since you were asked.')
})

t.test('makes a link for somebody who has forgotten the password', async (t) => {
  await follow(here, 'Make a link for a new password')
  await press(here, 'Make a link for a new password')
  const link = (await here.locator('main code').textContent()) ?? ''
  await there.goto(link)
  await there.getByLabel('New password').fill('a wholly different phrase')
  await press(there, 'Set password')
  await signIn(there, 'bob', 'a wholly different phrase')
  t.equal(new URL(there.url()).pathname, '/dashboard')
})

t.test('reads what happened, by whom and why', async (t) => {
  await here.goto(`${url}/admin`)
  await follow(here, 'What happened')
  await here.getByLabel('Whom it concerned').fill('bob')
  await here.getByLabel('What', { exact: true }).selectOption('account-disable')
  await press(here, 'Find')
  t.same(await here.getByRole('heading', { level: 2 }).allTextContents(), ['Account disabled'])
  const { id } = await accountOf(app)
  t.match(await text(here), new RegExp(`By\\s+alice ${id}\\s+Reason\\s+The laptop was stolen\\.`))
  const downloading = here.waitForEvent('download')
  await follow(here, 'Download all of it as JSON lines')
  t.equal((await downloading).suggestedFilename(), 'activity.jsonl')
})

t.test('the last administrator stays one, also when two take the role from each other at once', async (t) => {
  await here.goto(`${url}/account/remove`)
  await press(here, 'Delete my account')
  t.match(await text(here), 'Make somebody else an administrator first.')
  t.ok(await accounts.find('alice'))

  const bob = `${url}/admin/people/${(await accountOf(app, 'bob')).id}`
  await here.goto(`${bob}/grant`)
  await press(here, 'Make administrator')
  t.equal(await notice(here), 'Done.')
  await signIn(there, 'bob', 'a wholly different phrase')
  await here.goto(`${bob}/revoke`)
  await there.goto(`${url}/admin/people/${(await accountOf(app, 'alice')).id}/revoke`)
  for (const page of [here, there]) await page.getByLabel('Reason').fill('Me first.')
  await Promise.all([here, there].map((page) => press(page, 'Take the role of administrator away')))
  const roles = await Promise.all(['alice', 'bob'].map(async (name) => (await accounts.find(name))?.role))
  t.same(roles.toSorted(), ['admin', 'user'])
})
