import t from 'tap'
import { openLanguages } from '../../src/i18n/languages.ts'
import { readOwnTexts } from '../../src/i18n/own-texts.ts'
import { build, Visitor } from '../build.ts'

t.test('own texts replace some texts and leave the rest, with or without byte order marks', async (t) => {
  const TEXTS = t.testdir({
    'en.json':
      '{ "login": { "title": "Welcome back" }, "passwords.tooShort": { "other": "{count} are too few" } }',
    'de.json': '\uFEFF{ "login.title": "Hereinspaziert" }'
  })
  const browser = new Visitor(await build(t, { env: { TEXTS, DATABASE_URL: 'file::memory:' } }), 'browser')
  const { body } = await browser.get('/login')
  t.match(body, '<h1>Welcome back</h1>')
  t.match(body, 'Stay signed in on this device')
  t.match((await browser.get('/login', { headers: { 'accept-language': 'de' } })).body, 'Hereinspaziert')
  t.match((await browser.submit('/register', { username: 'a', password: 'b' })).body, '1 are too few')
})

t.test('an own file can add a language, right-to-left too', async (t) => {
  const TEXTS = t.testdir({ 'he.json': '{ "login": { "title": "כניסה" } }' })
  const browser = new Visitor(await build(t, { env: { TEXTS, DATABASE_URL: 'file::memory:' } }), 'browser')
  const { body } = await browser.get('/login', { headers: { 'accept-language': 'he' } })
  t.match(body, '<html lang="he" dir="rtl">')
  t.match(body, '<h1>כניסה</h1>')
  t.match(body, 'Stay signed in on this device', 'missing texts are in English')
  const own = readOwnTexts(TEXTS)
  t.same(
    (await openLanguages({ own })).all.map(({ tag }) => tag),
    ['en', 'de', 'he']
  )
})

t.test('an own text with an unknown key or placeholder is refused at the start', async (t) => {
  const faults = {
    'there is no such folder': ['nowhere', 'is "nowhere", it must be a folder'],
    'a typing mistake': ['{ "login": { "titel": "x" } }', 'has an unknown text "login.titel" in '],
    'an unknown placeholder': [
      '{ "dashboard": { "hello": "{user}!" } }',
      'has an unknown placeholder {user} in "dashboard.hello"'
    ],
    'half a file': ['{ "login": ', 'en.json that cannot be read'],
    'no object': ['"login"', 'en.json that cannot be read: it is not an object']
  }
  for (const [what, [text = '', fault = '']] of Object.entries(faults)) {
    const folder = text === 'nowhere' ? text : t.testdir({ 'en.json': text })
    t.throws(() => readOwnTexts(folder), { message: fault }, what)
  }
  t.throws(() => readOwnTexts(t.testdir({ 'mine!.json': '{}' })), { message: 'whose name is not a language' })
})
