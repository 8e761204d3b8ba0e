import t from 'tap'
import { build, registerAlice } from '../../build.ts'

t.test('pages are for one person and never kept', async (t) => {
  const browser = await registerAlice(await build(t))
  const response = await browser.get('/dashboard')
  t.equal(response.headers['cache-control'], 'no-store')
  t.equal(response.headers['content-type'], 'text/html; charset=utf-8')
  t.match(response.body, '<title>Dashboard · Latchkey</title>')
})
