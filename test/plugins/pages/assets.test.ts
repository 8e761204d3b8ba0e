import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { build, log, Visitor } from '../../build.ts'

t.test('anybody can load the stylesheet, script and icon', async (t) => {
  const browser = new Visitor(await build(t), 'browser')
  for (const [url, type] of [
    ['/assets/latchkey/style.css', 'text/css'],
    ['/assets/latchkey/page.js', 'javascript'],
    ['/assets/latchkey/icon.svg', 'image/svg+xml']
  ] as const) {
    const response = await browser.get(url)
    t.equal(response.statusCode, 200)
    t.match(response.headers['content-type'], type)
    t.equal(response.headers['cache-control'], 'public, max-age=3600')
  }
})

t.test('a cacheable response sets no cookie, whatever cookie the request has', async (t) => {
  const browser = new Visitor(await build(t), 'browser')
  browser.cookies = { latchkey: 's:dead.cookie' }
  const { headers } = await browser.get('/assets/latchkey/style.css')
  t.equal(headers['set-cookie'], undefined)
})

t.test('pages address assets by their content, and browsers cache these for ever', async (t) => {
  const browser = new Visitor(await build(t), 'browser')
  const { body } = await browser.get('/login')
  const addresses = [...body.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, address = '']) => address)
  t.equal(new Set(addresses).size, 4)
  for (const address of addresses) {
    t.match(address, /\.(css|js|svg)\?v=[\da-f]{8}$/)
    const { headers, statusCode } = await browser.get(address)
    t.equal(statusCode, 200)
    t.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
    const older = await browser.get(address.replace(/v=.*/, 'v=00000000'))
    t.equal(older.headers['cache-control'], 'public, max-age=3600', 'an older version is not cached for ever')
  }
})

t.test('an own stylesheet has its own address, which changes with its content', async (t) => {
  const addressWith = async (style: string) => {
    const VIEWS = t.testdir({ assets: { 'style.css': style, fonts: { 'a b.woff2': 'x' } } })
    const app = await build(t, { env: { VIEWS, DATABASE_URL: 'file::memory:' } })
    t.match(app.assetAddress('fonts/a b.woff2'), /^\/assets\/latchkey\/fonts\/a%20b\.woff2\?v=/)
    t.equal(app.assetAddress('nowhere.css'), '/assets/latchkey/nowhere.css')
    for (const name of ['style.css', 'fonts/a b.woff2', 'icon.svg']) {
      const { headers } = await app.inject(app.assetAddress(name))
      t.match(headers['cache-control'], /immutable/, name)
    }
    const { body } = await new Visitor(app, 'browser').get('/login')
    const [, address = ''] = /"([^"]+style\.css[^"]*)"/.exec(body) ?? []
    t.equal((await app.inject(address)).body, style)
    return address
  }
  t.not(await addressWith('/* old */'), await addressWith('/* new */'))
})

t.test(
  'neither dotfiles nor links that lead out of the folder are served, and the log names the links',
  async (t) => {
    const place = t.testdir({
      secret: 'the secret',
      outer: { 'a.css': 'the secret' },
      views: {
        'own.eta': 'the secret',
        assets: { '.env': 'the secret', '.git': { config: 'the secret' }, 'own.css': 'ours', inner: {} }
      }
    })
    const VIEWS = join(place, 'views')
    const link = (target: string, name: string) => symlinkSync(target, join(VIEWS, 'assets', name))
    link('../../secret', 'secret.txt')
    link('../own.eta', 'view.txt')
    link('../../outer', 'outer')
    link('/', 'inner/root')
    link('../../secret', 'style.css')
    link('own.css', 'link.css')
    const app = await build(t, { env: { VIEWS, DATABASE_URL: 'file::memory:' } })
    link('../../secret', 'later.txt')
    const names = ['.env', '%2Eenv', '.git/config', 'inner/../.env', 'secret.txt', 'view.txt', 'outer/a.css']
    for (const name of [
      ...names,
      'inner/root/etc/passwd',
      'style.css',
      'later.txt',
      'x'.repeat(300),
      '%00'
    ]) {
      const { statusCode, body } = await app.inject(`/assets/latchkey/${name}`)
      t.match(statusCode, /^40[034]$/, name)
      t.notMatch(body, 'the secret', name)
    }
    t.equal(
      (await app.inject('/assets/latchkey/link.css')).body,
      'ours',
      'a link inside the folder is followed'
    )
    t.match(app.assetAddress('secret.txt'), /secret.txt$/)
    for (const name of ['secret.txt', 'view.txt', 'outer', 'inner/root', 'style.css'])
      t.match(log.lines.join(''), `assets/${name} leads out of the folder and is not served`)
  }
)

t.test('assets that are elsewhere as a whole are not served', async (t) => {
  const place = t.testdir({ outer: { 'a.css': 'the secret' }, views: {} })
  const VIEWS = join(place, 'views')
  symlinkSync('../outer', join(VIEWS, 'assets'))
  const app = await build(t, { env: { VIEWS, DATABASE_URL: 'file::memory:' } })
  t.equal((await app.inject('/assets/latchkey/a.css')).statusCode, 404)
  t.equal((await app.inject(app.assetAddress('style.css'))).statusCode, 200)
})
