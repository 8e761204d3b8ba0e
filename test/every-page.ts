import type { FastifyInstance } from 'fastify'
import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import type { NewMail } from '../src/mail/message.ts'
import { services } from '../src/open-services.ts'
import { alice } from './build.ts'
import { steadyNow } from './servers/true-clock.ts'
import { plugIn } from './servers/virtual-authenticator.ts'

const nobody = 'mallory'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

/** Submits the form of a page. */
export const send = (page: Page) => page.locator('main button:not([type=button])').last().click()

/** Fills in fields by their names, which are the same in every language. */
async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.locator(`main [name=${name}]`).fill(value)
  await send(page)
}

/** Signs a person in in another browser too. */
const signInElsewhere = (url: string, person: typeof alice) =>
  fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'user-agent': firefox },
    body: new URLSearchParams(person)
  })

/** Sends the form of a page as another person left it. */
async function fillInForAnother(page: Page, fields: Record<string, string>): Promise<void> {
  await page
    .locator('main [name=latchkeyUser]')
    .evaluate((field, value) => Reflect.set(field, 'value', value), nobody)
  await fill(page, fields)
}

/** Tries wrong passwords for one name until there is a wait. */
async function guessTooOften(url: string): Promise<void> {
  for (let status = 401; status === 401; ) {
    const body = new URLSearchParams({ username: nobody, password: 'wrong' })
    status = (await fetch(`${url}/login`, { method: 'POST', body })).status
  }
}

/** Sets an authenticator app up that has the key on the page. */
async function fillInCode(page: Page): Promise<void> {
  const key = (await page.locator('main code').textContent()) ?? ''
  const secret = Secret.fromBase32(key.replaceAll(' ', ''))
  await fill(page, { code: TOTP.generate({ secret, timestamp: steadyNow() }) })
}

/** Adds a passkey, and takes its authenticator away: otherwise every sign-in page would sign in by it. */
async function addPasskey(page: Page): Promise<void> {
  const authenticator = await plugIn(page)
  await page.locator('main [data-passkey] button').click()
  await page.locator('main .cards').waitFor()
  await authenticator.pullOut()
}

/** Signs out and in again, up to the second factor. */
async function signInHalf(page: Page, url: string, { username, password }: typeof alice): Promise<void> {
  const { request } = page.context()
  await request.post(`${url}/logout`)
  await request.post(`${url}/login`, { form: { username, password } })
  await page.goto(`${url}/login/code`)
}

/** The recovery code that was shown first. */
let recoveryCode = ''

/**
 * Pages that need more than a browser, for the service that has every page: a link for a new password of a new account,
 * which the command makes, and the refusal of an app behind the gate, which is on another host.
 */
export function furtherPages(app: FastifyInstance): void {
  const refused = { next: 'https://photos.example.org/album', host: 'photos.example.org' }
  const registering = { loginUrl: '/login', email: '', error: null }
  app.get('/register-by-address', (_, reply) => reply.page('register-address', registering))
  app.get('/register-was-sent', (_, reply) => reply.page('register-sent'))
  app.get('/refused-by-rules', (_, reply) => reply.code(403).page('refused', refused))
  app.get<{ Querystring: { name: string } }>('/make-link', async (request) => {
    const { accounts, links } = app[services]
    const { name } = request.query
    await accounts.add({ username: name, password: alice.password })
    const account = await accounts.find(name)
    const made = account && (await links.make(account, 'password-and-factors'))
    return `/reset?token=${made?.token}`
  })
  let mailed = ''
  const { mail } = app[services]
  const { post } = mail
  Reflect.set(mail, 'post', (message: NewMail) => {
    mailed = message.data.url ?? mailed
    return post(message)
  })
  app.get('/last-link', async () => mailed)
  app.get<{ Querystring: { name: string } }>('/invite', async (request) => {
    await app[services].invitations.invite({ address: request.query.name, role: 'admin' })
    return mailed
  })
  app.get<{ Querystring: { name: string } }>('/make-administrator', async (request) => {
    const { accounts, audit, groups, invitations } = app[services]
    const { name } = request.query
    await groups.add('staff')
    const other = name === alice.username ? 'bob' : `${name.slice(0, -1)}y`
    for (const username of ['dora', other]) await accounts.add({ username, password: alice.password })
    for (const username of ['dora', name]) await accounts.setRole(username, 'admin')
    await audit.record({ event: 'sign-in-refused', address: '192.0.2.7' })
    const by = await accounts.find(name)
    await invitations.invite({ address: 'emil@example.org', by })
    await invitations.invite({ address: 'farida@example.org', role: 'admin', by })
    return (await accounts.find(other))?.id
  })
}

/** The page of somebody else, for whoever has become an administrator and signed in again. */
async function administer(page: Page, url: string, { username, password }: typeof alice): Promise<void> {
  const made = await fetch(`${url}/make-administrator?name=${encodeURIComponent(username)}`)
  other = `${url}/admin/people/${await made.text()}`
  await page.context().request.post(`${url}/login`, { form: { username, password, code: recoveryCode } })
}

let other = ''

/** The page of an invitation, for a new address. */
async function beInvited(page: Page, url: string): Promise<void> {
  asked += 1
  await fetch(`${url}/invite?name=guest-${asked}@example.org`)
  await followLink(page, url)
}

let asked = 0

/** Asks for an address that nobody has asked for. */
function fillInAddress(page: Page): Promise<void> {
  asked += 1
  return fill(page, { email: `alice-${asked}@example.org` })
}

/** The page of the link that was mailed last. */
async function followLink(page: Page, url: string): Promise<void> {
  const link = new URL(await (await fetch(`${url}/last-link`)).text())
  await page.goto(url + link.pathname + link.search)
}

/**
 * Every page, in an order in which a person might see them, of a service with open registration. The names of links,
 * buttons and labels do not matter.
 */
export const pagesOf = (
  person: typeof alice
): Record<string, (page: Page, url: string) => Promise<unknown>> => ({
  start: (page, url) => page.goto(url),
  api: (page, url) => page.goto(`${url}/api`),
  'sign-in': (page, url) => page.goto(`${url}/login`),
  'sign-in-refused': (page) => fill(page, { username: person.username, password: 'wrong' }),
  'sign-in-throttled': async (page, url) => {
    await guessTooOften(url)
    await fill(page, { username: nobody, password: 'wrong' })
  },
  'register-address': (page, url) => page.goto(`${url}/register-by-address`),
  'register-sent': (page, url) => page.goto(`${url}/register-was-sent`),
  register: (page, url) => page.goto(`${url}/register`),
  'register-refused': (page) => fill(page, { username: person.username, password: 'passwordpassword' }),
  dashboard: (page) => fill(page, { password: person.password }),
  'start-signed-in': (page, url) => page.goto(url),
  refused: (page, url) => page.goto(`${url}/refused-by-rules`),
  account: (page, url) => page.goto(`${url}/account`),
  'account-name': (page, url) => page.goto(`${url}/account/name`),
  'account-name-refused': (page) => fill(page, { name: person.username, current: 'wrong' }),
  'account-password': (page, url) => page.goto(`${url}/account/password`),
  'account-password-refused': (page) => fill(page, { current: 'wrong', password: 'three quite new words' }),
  'other-user': (page) => fillInForAnother(page, { current: 'wrong', password: 'three quite new words' }),
  'account-sessions': async (page, url) => {
    await signInElsewhere(url, person)
    await page.goto(`${url}/account/sessions`)
  },
  'account-end-session': (page) => page.locator('main .cards a').click(),
  'account-end-others': (page, url) => page.goto(`${url}/account/sessions/others`),
  'account-others-ended': (page) => send(page),
  'account-end-all': (page, url) => page.goto(`${url}/account/sessions/all`),
  'account-new-token': (page, url) => page.goto(`${url}/account/tokens/new`),
  'account-new-token-refused': (page) => fill(page, { name: 'Calendar on the phone', days: '1000' }),
  'account-token-made': async (page) => {
    await page.locator('main [name=forApi]').check()
    await fill(page, { days: '90' })
  },
  'account-tokens': (page, url) => page.goto(`${url}/account/tokens`),
  'account-end-token': (page) => page.locator('main .cards a').click(),
  'account-activity': (page, url) => page.goto(`${url}/account/activity`),
  'account-email': (page, url) => page.goto(`${url}/account/email`),
  'account-email-refused': (page) => fill(page, { email: 'Alice <alice@example.org>' }),
  'account-email-waiting': (page) => fillInAddress(page),
  'account-confirm-email': followLink,
  'account-email-confirmed': (page) => send(page),
  'account-remove-email': (page, url) => page.goto(`${url}/account/email/remove`),
  'account-undo-email': async (page, url) => {
    await send(page)
    // What it loads would count as failed when the next page comes.
    await page.waitForLoadState('networkidle')
    await followLink(page, url)
  },
  confirm: (page, url) => page.goto(`${url}/confirm`),
  'confirm-refused': (page) => fill(page, { password: 'wrong' }),
  'login-setup': (page, url) => page.goto(`${url}/confirm?factors=2`),
  'account-security': (page, url) => page.goto(`${url}/account/security`),
  'account-authenticator-app': (page, url) => page.goto(`${url}/account/security/app`),
  'account-recovery-codes': async (page) => {
    await fillInCode(page)
    recoveryCode = (await page.locator('.codes code').first().textContent()) ?? ''
  },
  'account-new-passkey': (page, url) => page.goto(`${url}/account/security/passkeys`),
  'account-security-set-up': (page) => addPasskey(page),
  'account-passkey': (page) => page.locator('main .cards a').click(),
  'account-security-question': (page) => page.locator('main .danger').click(),
  'login-code': (page, url) => signInHalf(page, url, person),
  'recovery-code': async (page) => {
    await fill(page, { code: recoveryCode })
    recoveryCode = (await page.locator('main code').textContent()) ?? ''
  },
  'admin-people': async (page, url) => {
    await administer(page, url, person)
    await page.goto(`${url}/admin`)
  },
  'admin-people-none': (page, url) => page.goto(`${url}/admin?find=zzz`),
  'admin-invitations': async (page, url) => {
    await page.goto(`${url}/admin/invitations`)
    // Those that are open are below the form.
    await page.locator('.cards, h1').last().scrollIntoViewIfNeeded()
  },
  'admin-person': (page) => page.goto(other),
  'admin-action': (page) => page.goto(`${other}/disable`),
  'admin-action-refused': (page) => fill(page, { reason: ' ' }),
  'admin-link-made': async (page) => {
    await page.goto(`${other}/link`)
    await send(page)
  },
  'admin-activity': (page, url) => page.goto(`${url}/admin/activity`),
  'admin-status': (page, url) => page.goto(`${url}/admin/status`),
  reset: async (page, url) => {
    const name = person.username === alice.username ? 'carol' : `${person.username.slice(0, -1)}x`
    const link = await fetch(`${url}/make-link?name=${encodeURIComponent(name)}`)
    await page.goto(url + (await link.text()))
  },
  'reset-done': (page) => fill(page, { password: 'three quite new words' }),
  invitation: (page, url) => beInvited(page, url),
  'invitation-done': (page) => fill(page, { username: `guest ${asked}`, password: 'three quite new words' }),
  forgot: (page, url) => page.goto(`${url}/forgot`),
  'forgot-sent': (page) => fill(page, { username: person.username }),
  'sign-out': (page, url) => page.goto(`${url}/logout`),
  'not-found': (page, url) => page.goto(`${url}/nothing`),
  'bad-request': (page, url) => page.goto(`${url}/%zz`),
  'account-remove': (page, url) => page.goto(`${url}/account/remove`),
  'account-removed': (page) => send(page),
  'sign-in-signed-out': (page, url) => page.goto(`${url}/login?signedOut`),
  'signed-out': (page, url) => page.goto(`${url}/logout`)
})

export const everyPage = pagesOf(alice)
