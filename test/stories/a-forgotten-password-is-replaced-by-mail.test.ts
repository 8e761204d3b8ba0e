// group: browser
import type { Page } from 'playwright-core'
import t from 'tap'
import { services } from '../../src/open-services.ts'
import { alice, build } from '../build.ts'
import { setUpCodes, TestClock } from '../second-factors.ts'
import { startChromium } from '../servers/chromium.ts'
import { linkIn, openMailbox } from '../servers/mailbox.ts'

const password = 'three quite new words'

/** What a person reads, in the order of the story. */
const languages = {
  'en-GB': {
    forgot: 'Forgot your password?',
    name: 'Name or e-mail',
    send: 'Send the link',
    sent: 'Check your mail',
    subject: /^A new password for Latchkey$/,
    newPassword: 'New password',
    choose: 'Set password',
    done: 'Your new password is set',
    signIn: 'Sign in',
    password: 'Password',
    code: 'Code from your app, or a recovery code',
    changed: /^Your password for Latchkey was changed$/
  },
  'de-DE': {
    forgot: 'Passwort vergessen?',
    name: 'Name oder E-Mail',
    send: 'Link schicken',
    sent: 'Sehen Sie in Ihr Postfach',
    subject: /^Ein neues Passwort für Latchkey$/,
    newPassword: 'Neues Passwort',
    choose: 'Passwort setzen',
    done: 'Ihr neues Passwort ist gesetzt',
    signIn: 'Anmelden',
    password: 'Passwort',
    code: 'Code aus Ihrer App oder Wiederherstellungscode',
    changed: /^Ihr Passwort für Latchkey wurde geändert$/
  }
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()
const type = (page: Page, label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text)
const arrivesAt = (page: Page, name: string) =>
  page.getByRole('heading', { level: 1, name, exact: true }).waitFor()

for (const [locale, words] of Object.entries(languages))
  t.test(`from "${words.forgot}" to signed in with a second factor`, async (t) => {
    const mailbox = await openMailbox(t)
    const clock = new TestClock()
    const app = await build(t, { env: { MAIL_URL: mailbox.url }, now: clock.now })
    const { accounts, addresses, mail, resets } = app[services]
    await accounts.add(alice)
    const account = (await accounts.find(alice.username))!
    await addresses.set(account.id, 'alice@example.org', {})
    await mail.preferences.setLanguage(account.id, locale)
    const authenticator = await setUpCodes(app, clock)
    const url = (await app.listen({ port: 0, host: '127.0.0.1' })).replace('127.0.0.1', 'localhost')
    // The person has no JavaScript: no page of the story needs it.
    const context = await (await startChromium(t)).newContext({ locale, javaScriptEnabled: false })
    const page = await context.newPage()

    await page.goto(`${url}/login`)
    await follow(page, words.forgot)
    await type(page, words.name, 'Alice@Example.org')
    await press(page, words.send)
    await arrivesAt(page, words.sent)
    await resets.lookUp()
    const link = linkIn(await mailbox.received(words.subject))
    await page.goto(url + link.pathname + link.search)
    t.equal(page.url(), `${url}/reset`, 'the token is in no history')
    await type(page, words.newPassword, password)
    await press(page, words.choose)
    await arrivesAt(page, words.done)

    await page.getByRole('link', { name: words.signIn, exact: true }).click()
    await type(page, words.name, 'alice@example.org')
    await type(page, words.password, password)
    await press(page, words.signIn)
    await type(page, words.code, authenticator.code())
    await press(page, words.signIn)
    await page.waitForURL(`${url}/dashboard`)
    t.match(await mailbox.received(words.changed), { to: [{ address: 'alice@example.org' }] })
  })
