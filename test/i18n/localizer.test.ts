import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import t from 'tap'
import { openLanguages } from '../../src/i18n/languages.ts'
import { message } from '../../src/i18n/texts.ts'

async function read(acceptLanguage: string | undefined, offered: readonly string[] = []) {
  const request = new IncomingMessage(new Socket())
  if (acceptLanguage !== undefined) request.headers['accept-language'] = acceptLanguage
  return (await openLanguages({ asked: offered })).localizerOf(request)
}

t.test('a reader gets the language they prefer among those offered', async (t) => {
  for (const [wanted, language] of [
    ['de', 'de'],
    ['de-AT', 'de'],
    ['DE', 'de'],
    ['fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5', 'en'],
    ['en;q=0.5, de', 'de'],
    ['de;q=0, *', 'en'],
    ['tlh', 'en'],
    ['', 'en'],
    [undefined, 'en'],
    ['de'.padEnd(16_000, ',de'), 'de'],
    [';;;=,,--\u00ff', 'en']
  ] as const) {
    t.equal((await read(wanted)).language.tag, language, String(wanted).slice(0, 60))
  }
})

t.test('a setting lists the languages, the first of which is the default', async (t) => {
  t.equal((await read('en', ['de'])).language.tag, 'de')
  t.equal((await read('tlh', ['de', 'en'])).language.tag, 'de')
  t.equal((await read('en', ['de', 'en'])).language.tag, 'en')
})

t.test('dates follow the reader’s region', async (t) => {
  // In the time zone of the machine, as the dates are.
  const noon = new Date(2026, 10, 4, 12, 5).getTime()
  t.match((await read('en-US')).date(noon), /^Nov 4, 2026, 12:05.PM/)
  t.match((await read('en-GB')).date(noon), /^4 Nov 2026, 12:05/)
  t.match((await read('de')).date(noon), /^4\. Nov\.? 2026/)
  t.match((await read('de-AT, de;q=0.9')).date(noon), /2026/)
  t.match((await read('en-%%%, en')).date(noon), /2026/, 'whatever the header contains')
})

t.test('what is kept of a language has the length of one', async (t) => {
  t.equal((await read('de-AT')).locale, 'de-AT')
  t.equal((await read(`de-DE-x${'-abcdefgh'.repeat(9)}, de`)).locale, 'de')
})

t.test('the machine-readable date has minutes, as the visible one', async (t) => {
  const reader = await read('en')
  t.equal(reader.isoDate(Date.UTC(2026, 10, 4, 12, 5, 59, 999)), '2026-11-04T12:05Z')
  t.equal(reader.isoDate(new Date('1969-12-31T23:59:30Z')), '1969-12-31T23:59Z')
  t.equal(reader.date(Date.UTC(2026, 10, 4, 12, 5, 59, 999)), reader.date(Date.UTC(2026, 10, 4, 12, 5)))
})

t.test('elapsed time is written in words', async (t) => {
  const now = Date.now()
  const english = await read('en')
  t.equal(english.ago(now - 3 * 86_400_000, now), '3 days ago')
  t.equal(english.ago(now - 61_000, now), '1 minute ago')
  t.equal(english.ago(now + 120_000, now), 'in 2 minutes')
  t.equal(english.ago(now, now), 'now')
  t.equal((await read('de')).ago(now - 7_200_000, now), 'vor 2 Stunden')
})

t.test('a count chooses the plural, a list is joined, and nested messages are translated', async (t) => {
  const tooShort = (count: number) => message('passwords.tooShort', { count, least: 15 })
  const kinds = [message('passwords.easyKinds.row'), message('passwords.easyKinds.common')]
  const english = await read('en')
  const german = await read('de')
  t.match(english.t(tooShort(1)), 'That password has 1 character, it needs 15 or more.')
  t.match(english.t(tooShort(2)), 'That password has 2 characters, it needs 15 or more.')
  t.match(german.t(tooShort(2)), 'Dieses Passwort hat 2 Zeichen')
  t.match(english.t(message('passwords.easy', { kinds })), 'a row of characters and common words,')
  t.match(german.t(message('passwords.easy', { kinds })), 'einer Reihe von Zeichen und gängigen Wörtern')
})

t.test('a right-to-left name does not reorder the sentence around it', async (t) => {
  const english = await read('en')
  t.equal(english.t('dashboard.hello', { name: 'Zoë {name} $&' }), 'Hello, Zoë {name} $&')
  t.equal(english.t('dashboard.hello', { name: 'שרה' }), 'Hello, \u2068שרה\u2069')
})
