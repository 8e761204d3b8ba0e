import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openLanguages } from '../../src/i18n/languages.ts'
import { readOwnTexts } from '../../src/i18n/own-texts.ts'
import { type MailData, templates } from '../../src/mail/message.ts'
import { Mails, type MailsOptions } from '../../src/views/mails.ts'

const folder = join(import.meta.dirname, '../../views')
const languages = await openLanguages()
const open = (options: Partial<MailsOptions> = {}) =>
  new Mails({ languages, folder, site: 'Example', pagesUrl: 'https://id.example.org/auth', ...options })
const mails = open()
const at = '2026-11-29T12:29:41.000Z'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const full: MailData = {
  ...{ name: 'alice', at, address: '203.0.113.7', device: firefox, url: 'https://id.example.org/x?token=y' },
  ...{ until: at, former: 'alicia', passkey: 'phone', reason: 'lost', role: 'admin', administrator: 'anna' },
  ...{ how: 'link', dropsFactors: 'yes', codes: 'recovery', token: 'Backup' },
  ...{ did: 'group-join', group: 'Family', isLast: 'yes' }
}

t.test('every template has a view, and every view is a template', async (t) => {
  const views = readdirSync(join(folder, 'mail')).filter((file) => /^(?!layout).*\.eta$/.test(file))
  t.same(views.toSorted(), templates.map((template) => `${template}.txt.eta`).toSorted())
})

t.test('views print every field of the data, and no other', async (t) => {
  const sources = readdirSync(join(folder, 'mail'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.eta'))
    .map((file) => readFileSync(join(folder, 'mail', file), 'utf8'))
  const printed = new Set([...sources.join().matchAll(/\bit\.(\w+)/g)].map(([, name]) => name))
  const given = ['t', 'site', 'date', 'link', 'body']
  t.same([...printed].toSorted(), [...Object.keys(full), 'by', ...given].toSorted())
})

t.test('every mail is whole in every language, with all data and with the least', async (t) => {
  for (const template of templates)
    for (const { tag } of languages.all)
      for (const data of [full, { url: full.url, until: at }]) {
        const { subject, text } = mails.render({ template, language: tag, data })
        t.match(subject, /^\S.{5,70}$/u, `${template} ${tag}`)
        t.notMatch(text, /\{\w+\}|undefined|null|\[object|<%|\n\n\n|^\s/, `${template} ${tag}`)
        t.match(text, /\n-- \nExample\nhttps:\/\/id\.example\.org\/auth\/\n$/, `${template} ${tag}`)
      }
})

t.test(
  'no value begins another line, in the subject or below, or brings text of a browser along',
  async (t) => {
    const evil = 'a\r\nBcc: eve@example.net\n\n\u2028Come to\u202e'
    const data: MailData = Object.fromEntries(
      Object.entries(full).map(([name, value]) => [name, value + evil])
    )
    const strange = open({ site: `Site${evil}` })
    for (const template of templates) {
      const clean = mails.render({ template, data: full })
      const { subject, text } = strange.render({ template, data: { ...data, at, until: at } })
      t.notMatch(subject, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u, template)
      t.equal(text.split('\n').length, clean.text.split('\n').length, template)
      t.notMatch(text, /^Bcc|(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/mu, template)
    }
    const { text } = mails.render({
      template: 'sign-in',
      data: { ...full, device: 'Come to http://evil.example' }
    })
    t.notMatch(text, 'evil')
  }
)

t.test('in German “Wenn nicht” follows what it denies', async (t) => {
  for (const template of templates)
    for (const data of [full, { ...full, how: 'session', codes: 'app', did: 'sessions-end' } as const]) {
      const paragraphs = mails.render({ template, language: 'de', data }).text.split('\n\n')
      for (const [place, paragraph] of paragraphs.entries())
        if (paragraph.startsWith('Wenn nicht'))
          t.match(paragraphs[place - 1], /^Wenn Sie das waren/, template)
    }
})

t.test('when, who and why stand together', async (t) => {
  for (const template of ['role-changed', 'account-administered', 'factors-dropped'] as const) {
    const { text } = mails.render({ template, data: { ...full, by: 'administrator' } })
    t.match(text, /^When: .+\nWho: .+\nWhy: lost$/m, template)
  }
})

t.test('times are in the language of the account, with their zone', async (t) => {
  const { text } = mails.render({ template: 'sign-in', language: 'de-AT', data: full })
  t.match(text, /^Wann: 29\. Nov\.? 2026, \d\d:29 \S+$/m)
  t.match(text, 'Wo: Firefox unter Linux, IP-Adresse 203.0.113.7\n')
  t.match(mails.render({ template: 'sign-in', language: 'en-GB', data: full }).text, /^When: 29 Nov 2026, /m)
  t.match(mails.render({ template: 'sign-in', language: 'tlh', data: full }).text, /^Hello/)
})

t.test('own views and own texts replace ours', async (t) => {
  const own = t.testdir({ texts: { 'en.json': '{ "mail": { "hello": "Dear {name}," } }' } })
  mkdirSync(join(own, 'mail'))
  writeFileSync(
    join(own, 'mail/test.txt.eta'),
    "It works & is <b>plain</b>\r\n\r\n<%= it.link('/login') %>\n"
  )
  const texts = readOwnTexts(join(own, 'texts'))
  const mine = open({ own, languages: await openLanguages({ own: texts }) })
  t.same(mine.render({ template: 'test', data: { name: 'alice' } }), {
    subject: 'It works & is <b>plain</b>',
    text: 'Dear alice,\n\nhttps://id.example.org/auth/login\n\n-- \nExample\nhttps://id.example.org/auth/\n'
  })
})
