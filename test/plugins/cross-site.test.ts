import t from 'tap'
import { alice, build, registerAlice } from '../build.ts'

const own = 'http://localhost:80'
const matrix: [site: string | undefined, origin: string | undefined, passes: boolean][] = [
  [undefined, undefined, true],
  [undefined, own, true],
  [undefined, 'https://evil.example', false],
  [undefined, 'null', false],
  ['same-origin', own, true],
  ['same-origin', 'null', true],
  ['none', undefined, true],
  ['same-site', own, false],
  ['cross-site', own, false],
  ['cross-site', undefined, false],
  ['nonsense', own, false]
]

for (const [site, origin, passes] of matrix) {
  const headers = { ...(site && { 'sec-fetch-site': site }), ...(origin && { origin }), host: 'localhost:80' }
  t.test(`${JSON.stringify(headers)} ${passes ? 'may' : 'may not'} sign in`, async (t) => {
    const app = await build(t)
    const response = await app.inject({ method: 'POST', url: '/register', headers, payload: alice })
    t.equal(response.statusCode, passes ? 201 : 403)
    if (!passes) t.match(response.json(), { code: 'LATCHKEY_CROSS_SITE' })
  })
}

t.test('with PUBLIC_URL only that is this site', async (t) => {
  const app = await build(t, { env: { PUBLIC_URL: 'http://login.example.org' } })
  const from = (origin: string) =>
    app.inject({ method: 'POST', url: '/logout', headers: { origin, host: 'internal:3000' } })
  t.equal((await from('http://login.example.org')).statusCode, 200)
  t.equal((await from('http://internal:3000')).statusCode, 403)
})

t.test('following a link from another site still works', async (t) => {
  const browser = await registerAlice(await build(t))
  const response = await browser.get('/dashboard', { headers: { 'sec-fetch-site': 'cross-site' } })
  t.equal(response.statusCode, 200)
})
