// group: browser
import t from 'tap'
import { alice, build, Visitor } from '../build.ts'
import { startChromium } from '../servers/chromium.ts'

const elsewhere = [
  'https://evil.example/',
  'HTTPS://evil.example',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/%09/evil.example',
  '/%2f/evil.example',
  '/%5cevil.example',
  '/%252f%252fevil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/x/..//evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'evil.example',
  '@evil.example',
  '.evil.example',
  'http:evil.example',
  'http:/evil.example',
  ' //evil.example',
  '\u0000//evil.example',
  '/\u2028/evil.example',
  '//evil。example',
  'https:///evil.example',
  '/x\r\nLocation: https://evil.example',
  '/x\r\nSet-Cookie: latchkey=s:x'
]

t.test('the redirect stays on this site, whatever is asked for', async (t) => {
  const app = await build(t)
  await app.latchkey.accounts.add(alice)
  for (const next of elsewhere) {
    const what = encodeURIComponent(next)
    const browser = new Visitor(app, 'browser')
    const { headers, statusCode } = await browser.submit('/login', { ...alice, next })
    const location = String(headers.location)
    t.equal(statusCode, 303, what)
    t.equal(new URL(location, 'https://login.example.org').origin, 'https://login.example.org', what)
    t.match(location, /^\/(?![/\\])/, what)
    t.match(headers['set-cookie'], [/^latchkey=/, /^latchkey-browser=/], `${what} adds no header`)
    t.equal(headers['set-cookie']?.length, 2)

    const page = await new Visitor(app, 'browser').get(`/login?next=${encodeURIComponent(next)}`)
    t.match(page.body, `name="next" value="${location}"`, `${what} is in the form as its safe destination`)
  }
})

t.test('a repeated parameter or a list is ignored', async (t) => {
  const app = await build(t)
  await app.latchkey.accounts.add(alice)
  const browser = new Visitor(app, 'browser')
  const page = await browser.get('/login?next=/a&next=//evil.example')
  t.match(page.body, 'name="next" value="/dashboard"')
  const body = `${new URLSearchParams(alice)}&next=/a&next=//evil.example`
  t.equal((await browser.submit('/login', body)).statusCode, 400)
  t.equal((await browser.get('/login?next[]=//evil.example')).statusCode, 200)
})

t.test('the redirect stays on this site in Chromium too', async (t) => {
  const app = await build(t)
  await app.latchkey.accounts.add(alice)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const chromium = await startChromium(t)
  for (const next of ['//evil.example', '/\\evil.example', '/%09/evil.example', '/x/..//evil.example']) {
    const context = await chromium.newContext()
    const page = await context.newPage()
    await page.goto(`${url}/login?next=${encodeURIComponent(next)}`)
    await page.getByLabel(/^Name/).fill(alice.username)
    await page.getByLabel('Password').fill(alice.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL((address) => address.pathname !== '/login')
    t.equal(new URL(page.url()).origin, url, next)
    await context.close()
  }
})
