import type { Page } from 'playwright-core'
import { alice } from './build.ts'

const nobody = 'mallory'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

/** Submits the form of a page. */
export const send = (page: Page) => page.locator('main').getByRole('button').last().click()

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(fields))
    await page.getByLabel(label, { exact: true }).fill(value)
  await send(page)
}

/** Signs alice in in another browser too. */
const signInElsewhere = (url: string) =>
  fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'user-agent': firefox },
    body: new URLSearchParams(alice)
  })

/** Tries wrong passwords for one name until there is a wait. */
async function guessTooOften(url: string): Promise<void> {
  for (let status = 401; status === 401; ) {
    const body = new URLSearchParams({ username: nobody, password: 'wrong' })
    status = (await fetch(`${url}/login`, { method: 'POST', body })).status
  }
}

/** Every page, in an order in which a user might see them, of a service with open registration. */
export const everyPage: Record<string, (page: Page, url: string) => Promise<unknown>> = {
  start: (page, url) => page.goto(url),
  api: (page, url) => page.goto(`${url}/api`),
  'sign-in': (page, url) => page.goto(`${url}/login`),
  'sign-in-refused': (page) => fill(page, { 'Name or e-mail': alice.username, Password: 'wrong' }),
  'sign-in-throttled': async (page, url) => {
    await guessTooOften(url)
    await fill(page, { 'Name or e-mail': nobody, Password: 'wrong' })
  },
  register: (page, url) => page.goto(`${url}/register`),
  'register-refused': (page) =>
    fill(page, { 'Name or e-mail': alice.username, Password: 'passwordpassword' }),
  dashboard: (page) => fill(page, { Password: alice.password }),
  'start-signed-in': (page, url) => page.goto(url),
  account: (page, url) => page.goto(`${url}/account`),
  'account-password': (page) => page.getByRole('link', { name: 'Change your password' }).click(),
  'account-password-refused': (page) =>
    fill(page, { 'Current password': 'wrong', 'New password': 'three quite new words' }),
  'account-sessions': async (page, url) => {
    await signInElsewhere(url)
    await page.goto(`${url}/account/sessions`)
  },
  'account-end-session': (page) => page.getByRole('link', { name: 'End this session' }).click(),
  'account-end-others': (page, url) => page.goto(`${url}/account/sessions/others`),
  'account-others-ended': (page) => send(page),
  'account-end-all': (page, url) => page.goto(`${url}/account/sessions/all`),
  'account-activity': (page, url) => page.goto(`${url}/account/activity`),
  confirm: (page, url) => page.goto(`${url}/confirm`),
  'confirm-refused': (page) => fill(page, { Password: 'wrong' }),
  'sign-out': (page, url) => page.goto(`${url}/logout`),
  'not-found': (page, url) => page.goto(`${url}/nothing`),
  'bad-request': (page, url) => page.goto(`${url}/%zz`),
  'account-remove': (page, url) => page.goto(`${url}/account/remove`),
  'account-removed': (page) => send(page),
  'signed-out': (page, url) => page.goto(`${url}/logout`)
}
