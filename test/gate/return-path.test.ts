import t from 'tap'
import * as next from '../../src/gate/return-path.ts'
import { PublicPaths } from '../../src/web/public-paths.ts'

const publicUrl = new URL('https://login.example.org')
const home = '/dashboard'
const nextPath = (wanted: unknown, gateHosts: string[] = []) =>
  next.returnPath(wanted, { home, config: { publicUrl, gateHosts }, paths: new PublicPaths({ publicUrl }) })

t.test('a path on this site is kept with its query and fragment', async (t) => {
  const good = [
    '/',
    '/account',
    '/account/sessions?page=2&order=desc#newest',
    '/search?q=100%25',
    '/search?q=%2525',
    '/search?q=a%20b%26c',
    '/search?when=12:30&mail=a@example.org',
    '/caf%C3%A9',
    '/a//b',
    '/login-help',
    '/loginhistory?x=1'
  ]
  for (const path of good) t.equal(nextPath(path), path)
})

t.test('a path that leads to another site becomes /dashboard', async (t) => {
  const evil = [
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '\\/evil.example',
    'https:evil.example',
    'https://evil.example',
    'http:/evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    '@evil.example',
    './/evil.example',
    '?next=//evil.example',
    '#',
    '',
    ' /account',
    ' //evil.example',
    '/..//evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    '/%2e%2e//evil.example',
    '/a/%2e%2e//evil.example'
  ]
  for (const path of evil) t.equal(nextPath(path), '/dashboard', JSON.stringify(path))
})

t.test('decoding it once, twice or more often does not lead to another site either', async (t) => {
  const evil = [
    '/%2f%2fevil.example',
    '/%2Fevil.example',
    '%2f%2fevil.example',
    '/%5cevil.example',
    '/%5C%5Cevil.example',
    '/%252fevil.example',
    '/%255cevil.example',
    '/%25252fevil.example',
    '/%2e%2e%2f%2fevil.example',
    '/%09/evil.example',
    '/%2509/evil.example',
    '/%0d%0aSet-Cookie:x=1',
    '/%00'
  ]
  for (const path of evil) t.equal(nextPath(path), '/dashboard', path)
})

t.test('control characters and backslashes are refused anywhere', async (t) => {
  for (const character of ['\t', '\n', '\r', '\0', '\x1b', '\x7f', '\x85', '\\']) {
    t.equal(nextPath(`/${character}/evil.example`), '/dashboard', JSON.stringify(character))
    t.equal(nextPath(`/account${character}`), '/dashboard', JSON.stringify(character))
  }
})

t.test('a path that cannot be decoded is refused', async (t) => {
  for (const path of ['/%', '/100%', '/%zz', '/%c3%28', '/%ff']) t.equal(nextPath(path), '/dashboard', path)
})

t.test('a path of more than 2048 characters is refused', async (t) => {
  const longest = `/${'a'.repeat(2047)}`
  t.equal(nextPath(longest), longest)
  t.equal(nextPath(`${longest}a`), '/dashboard')
  t.equal(nextPath(`/${'日'.repeat(300)}`), '/dashboard', 'as a browser writes it')
})

t.test('anything but a string is refused', async (t) => {
  for (const value of [undefined, null, 1, true, {}, ['/account'], ['/a', '/b'], Object('/account')]) {
    t.equal(nextPath(value), '/dashboard')
  }
})

t.test('a path with very many encodings is not fully decoded', async (t) => {
  const wrapped = (times: number) => `/%${'25'.repeat(times)}41`
  t.equal(nextPath(wrapped(5)), wrapped(5))
  const decoded = t.capture(globalThis, 'decodeURIComponent', decodeURIComponent)
  t.equal(nextPath(wrapped(1000)), '/dashboard')
  const times = decoded().length
  t.ok(times > 0 && times < 20, `decoded ${times} times`)
})

t.test('a fragment that cannot be kept does not cost the page', async (t) => {
  const app = 'https://app.example.org/notes'
  for (const fragment of ['50%', 'a\\b', '%zz', 'a\tb', '%', 'x'.repeat(2048)]) {
    t.equal(nextPath(`/reports?page=2#${fragment}`), '/reports?page=2', fragment.slice(0, 9))
    t.equal(nextPath(`//evil.example#${fragment}`), home)
    t.equal(nextPath(`/login#${fragment}`), home)
  }
  t.equal(nextPath(`${app}#a\\b`, ['app.example.org']), app)
  t.equal(nextPath('https://evil.example/#a\\b', ['app.example.org']), home)
})

t.test('the sign-in and sign-out pages are no destinations after signing in', async (t) => {
  const loops = ['/login', '/login?next=%2Flogin', '/login#form', '/logout', '/logout?x=1', '/register']
  for (const path of loops) t.equal(nextPath(path), '/dashboard', path)
})

t.test('the result fits into a Location header unchanged', async (t) => {
  for (const path of ['/日本', '/café', '/search?q=日本']) {
    t.match(nextPath(path), /^[\x21-\x7e]+$/, path)
  }
})

t.test('a URL of an app behind the gate is kept whole, and no other', async (t) => {
  const apps = ['app.example.org']
  const page = 'https://app.example.org/notes?page=2&order=desc#newest'
  t.equal(nextPath(page, apps), page)
  t.equal(nextPath('/account', apps), '/account')
  t.equal(nextPath('https://evil.example/', apps), home)
  t.equal(nextPath('//app.example.org/', apps), home)
})
