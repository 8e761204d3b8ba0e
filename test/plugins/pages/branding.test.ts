import { join } from 'node:path'
import t from 'tap'
import { build, Visitor } from '../../build.ts'

const memory = { DATABASE_URL: 'file::memory:' }

t.test('the site’s name, logo and colour are on every page, errors included', async (t) => {
  const logo = '<svg xmlns="http://www.w3.org/2000/svg"/>'
  const SITE_LOGO = join(t.testdir({ 'logo.svg': logo }), 'logo.svg')
  const app = await build(t, {
    env: { ...memory, SITE_NAME: 'Träger & Söhne', SITE_LOGO, SITE_COLOR: '#FC0' }
  })
  const browser = new Visitor(app, 'browser')
  for (const page of ['/', '/login', '/register', '/nothing']) {
    const { body } = await browser.get(page)
    t.match(body, / · Träger &amp; Söhne<\/title>/, page)
    t.match(body, /<img src="\/assets\/latchkey\/site\.svg\?v=\w{8}"/)
    t.notMatch(body, '>Latchkey<')
    t.match(body, /<link rel="stylesheet" href="\/assets\/latchkey\/site\.css\?v=\w{8}">/)
  }
  const picture = await browser.get('/assets/latchkey/site.svg')
  t.equal(picture.body, logo)
  t.equal(picture.headers['content-type'], 'image/svg+xml')
  const style = await browser.get('/assets/latchkey/site.css')
  t.match(style.body, /--accent: light-dark\(#\w{6}, #ffcc00\)/)
  t.match(style.headers, {
    'content-type': 'text/css; charset=utf-8',
    'cache-control': 'public, max-age=3600'
  })
  for (const address of [app.site.logo, String(app.site.style)])
    t.equal((await browser.get(address)).headers['cache-control'], 'public, max-age=31536000, immutable')
})

t.test('a colour alone recolours the default logo', async (t) => {
  const browser = new Visitor(await build(t, { env: { SITE_COLOR: '#aa0000' } }), 'browser')
  t.match((await browser.get('/login')).body, '<img src="/assets/latchkey/site.svg?v=')
  t.match((await browser.get('/assets/latchkey/site.svg')).body, 'fill="#aa0000"')
})

t.test('without branding nothing more is loaded', async (t) => {
  const browser = new Visitor(await build(t), 'browser')
  const { body } = await browser.get('/login')
  t.match(body, '<title>Sign in · Latchkey</title>')
  t.match(body, '<img src="/assets/latchkey/icon.svg?v=')
  t.notMatch(body, 'site.css')
})

t.test('the site’s name is refused as a password', async (t) => {
  const browser = new Visitor(await build(t, { env: { SITE_NAME: 'Featherstonehaugh' } }), 'browser')
  const { body } = await browser.submit('/register', { username: 'alice', password: 'featherstonehaugh' })
  t.match(body, 'little more than your name or the name of this site')
})
