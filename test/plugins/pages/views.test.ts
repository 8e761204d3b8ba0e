import { symlinkSync } from 'node:fs'
import t from 'tap'
import { build, registerAlice, Visitor } from '../../build.ts'

t.test('pages are private and never cached', async (t) => {
  const browser = await registerAlice(await build(t))
  const response = await browser.get('/dashboard')
  t.equal(response.headers['cache-control'], 'no-store')
  t.equal(response.headers['content-type'], 'text/html; charset=utf-8')
  t.match(response.body, '<title>Dashboard · Latchkey</title>')
})

t.test('a page whose name has two words has its title', async (t) => {
  const browser = await registerAlice(await build(t))
  for (const [path, title] of [
    ['others', 'End all other sessions?'],
    ['all', 'Sign out everywhere?']
  ])
    t.match((await browser.get(`/account/sessions/${path}`)).body, `<title>${title} · Latchkey</title>`)
})

t.test('a page is in the browser’s language and declares it', async (t) => {
  const browser = await registerAlice(await build(t))
  const german = { headers: { 'accept-language': 'de-CH, de;q=0.9, en;q=0.1' } }
  const english = await browser.get('/dashboard')
  t.match(english.body, '<html lang="en" dir="ltr">')
  const response = await browser.get('/dashboard', german)
  t.match(response.body, '<html lang="de" dir="ltr">')
  t.match(response.body, '<title>Übersicht · Latchkey</title>')
  t.match(response.body, 'Hallo, alice')
  t.match(response.headers.vary, 'Accept-Language')
})

t.test('errors are in the browser’s language, and in English for programs', async (t) => {
  const app = await build(t)
  const german = { headers: { 'accept-language': 'de' } }
  const browser = new Visitor(app, 'browser')
  const short = { username: 'alice', password: 'kurz' }
  t.match((await browser.submit('/register', short, german)).body, 'Dieses Passwort hat 4 Zeichen')
  t.match((await browser.submit('/login', short, german)).body, 'Name und Passwort passen nicht zusammen.')
  const missing = await browser.get('/nothing', german)
  t.match(missing.body, '<h1>Hier ist nichts</h1>')
  t.match(missing.headers.vary, 'Accept-Language')
  const unreadable = await browser.submit('/login', { username: 'alice' }, german)
  t.match(unreadable.body, 'Die Eingabe konnte nicht gelesen werden.')
  const problem = await new Visitor(app, 'program').post('/login', short, german)
  t.match(problem.json(), { detail: 'That name and password do not match.' })
})

t.test('LANGUAGES=de is German for everybody', async (t) => {
  const browser = new Visitor(await build(t, { env: { LANGUAGES: 'de' } }), 'browser')
  t.match((await browser.get('/login', { headers: { 'accept-language': 'en' } })).body, '<h1>Anmelden</h1>')
})

t.test('an own view may begin with a byte order mark', async (t) => {
  const VIEWS = t.testdir({ 'login.eta': '\uFEFF<h1>Ours</h1>\r\n<p>äöü</p>' })
  const app = await build(t, { env: { VIEWS, DATABASE_URL: 'file::memory:' } })
  const { body } = await new Visitor(app, 'browser').get('/login')
  t.match(body, '<h1>Ours</h1>')
  t.match(body, '<p>äöü</p>')
  t.notMatch(body, '\uFEFF')
})

t.test('an own view that leads out of the folder since the start is not read', async (t) => {
  const place = t.testdir({ 'secret.eta': 'the secret', views: {} })
  const app = await build(t, { env: { VIEWS: `${place}/views`, DATABASE_URL: 'file::memory:' } })
  symlinkSync('../secret.eta', `${place}/views/login.eta`)
  const { body } = await new Visitor(app, 'browser').get('/login')
  t.notMatch(body, 'the secret')
  t.match(body, 'name="password"')
})
