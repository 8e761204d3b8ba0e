// group: attackers
import t from 'tap'
import { alice, build, registerAlice, Visitor } from '../build.ts'

// A page at evil.example lets its name point here (DNS rebinding): its browser takes the responses for the
// page's own.
const rebound = { host: 'evil.example:3000', origin: 'http://evil.example:3000' }
const asked = { host: 'evil.example:3000' }

for (const PUBLIC_URL of ['', 'http://login.example.org']) {
  t.test(`with PUBLIC_URL=${PUBLIC_URL} it can create no account and sign nobody in or out`, async (t) => {
    const app = await build(t, { env: { PUBLIC_URL } })
    const page = new Visitor(app, 'browser')
    const refused = await page.submit('/register', alice, { headers: rebound })
    t.equal(refused.statusCode, 403)
    t.match(refused.body, 'set PUBLIC_URL to the address people open')
    t.equal(await app.latchkey.accounts.isEmpty(), true)

    const browser = await registerAlice(app)
    t.equal((await page.submit('/login', alice, { headers: rebound })).statusCode, 403)
    t.equal((await browser.submit('/logout', {}, { headers: rebound })).statusCode, 403)
    t.equal((await browser.get('/dashboard')).statusCode, 200)
  })

  t.test(`with PUBLIC_URL=${PUBLIC_URL} no link or redirect contains the host`, async (t) => {
    const app = await build(t, { env: { PUBLIC_URL } })
    const browser = await registerAlice(app)
    const visitor = new Visitor(app, 'browser')
    const forwarded = { ...asked, 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }
    for (const url of ['/', '/login', '/register', '/dashboard', '/logout', '/nothing', '/%zz', '/assets']) {
      for (const who of [browser, visitor]) {
        const { body, headers } = await who.get(url, { headers: forwarded })
        t.notMatch(body, 'evil.example', url)
        t.notMatch(String(headers.location), 'evil.example', url)
      }
    }
    // Not a browser, so DNS rebinding does not matter.
    const { headers } = await visitor.submit('/login', { ...alice, next: '/x' }, { headers: forwarded })
    t.equal(headers.location, '/x')
  })
}
