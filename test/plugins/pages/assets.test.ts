import t from 'tap'
import { build, Visitor } from '../../build.ts'

t.test('stylesheet, script and icon are for everybody', async (t) => {
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

t.test('what caches may keep carries no cookie, whatever cookie asks for it', async (t) => {
  const browser = new Visitor(await build(t), 'browser')
  browser.cookies = { latchkey: 's:dead.cookie' }
  const { headers } = await browser.get('/assets/latchkey/style.css')
  t.equal(headers['set-cookie'], undefined)
})
