import { Cookie } from 'express-session'
import t from 'tap'
import { cookiePath, sessionCookie, terseCookie } from '../../../src/sessions/cookie/session-cookie.ts'

const https = new URL('https://login.example.org')

t.test('over https the cookie is Secure and no other host can set it', async (t) => {
  t.same(sessionCookie({ publicUrl: https, cookieDomain: undefined }), {
    name: '__Host-latchkey',
    attributes: { path: '/', httpOnly: true, sameSite: 'lax', secure: true }
  })
})

t.test('over http it has a plain name, because browsers refuse the prefix there', async (t) => {
  const plain = {
    name: 'latchkey',
    attributes: { path: '/', httpOnly: true, sameSite: 'lax', secure: false }
  }
  t.same(sessionCookie({ publicUrl: new URL('http://localhost:3000'), cookieDomain: undefined }), plain)
  t.same(sessionCookie({ publicUrl: undefined, cookieDomain: undefined }), plain)
})

t.test('a cookie shared by a domain is still Secure, with a weaker prefix', async (t) => {
  const cookieDomain = 'example.org'
  const shared = { path: '/', httpOnly: true, sameSite: 'lax', domain: cookieDomain }
  t.same(sessionCookie({ publicUrl: https, cookieDomain }), {
    name: '__Secure-latchkey',
    attributes: { ...shared, secure: true }
  })
  t.same(sessionCookie({ publicUrl: new URL('http://login.example.org'), cookieDomain }), {
    name: 'latchkey',
    attributes: { ...shared, secure: false }
  })
})

t.test('under a path the cookie is for that path, unless it is shared', async (t) => {
  const alone = { cookieDomain: undefined, gateHosts: [] }
  t.equal(cookiePath('', alone), '/')
  t.equal(cookiePath('/auth', alone), '/auth')
  t.equal(cookiePath('/auth', { ...alone, cookieName: '__Host-latchkey' }), '/')
  t.equal(cookiePath('/auth', { ...alone, cookieName: 'connect.sid' }), '/')
  t.equal(cookiePath('/auth', { ...alone, cookieDomain: 'example.org' }), '/')
  t.equal(cookiePath('/auth', { ...alone, gateHosts: ['example.org'] }), '/')
  const { name, attributes } = sessionCookie({
    publicUrl: https,
    cookieDomain: undefined,
    cookiePath: '/auth'
  })
  t.match({ name, attributes }, { name: '__Secure-latchkey', attributes: { path: '/auth', secure: true } })
})

t.test('the fields left out of a stored cookie are express-session’s defaults', async (t) => {
  const written = { expires: null, originalMaxAge: null, domain: null }
  for (const [publicUrl, cookieDomain] of [
    [https, undefined],
    [https, 'example.org'],
    [undefined, undefined]
  ] as const) {
    const cookie = { ...written, ...sessionCookie({ publicUrl, cookieDomain }).attributes }
    const [whole, terse] = [cookie, terseCookie(cookie)].map((stored) => {
      // Its constructor accepts it, but its types do not.
      return Reflect.construct(Cookie, [stored]).serialize('name', 'value')
    })
    t.equal(terse, whole)
  }
  const plain = { ...written, ...sessionCookie({ publicUrl: undefined, cookieDomain: undefined }).attributes }
  t.same(terseCookie(plain), { originalMaxAge: null, sameSite: 'lax' })
  const remembered = { ...plain, originalMaxAge: 1000, expires: new Date(0), path: '/app' }
  const { httpOnly, secure, domain, ...rest } = remembered
  t.same(terseCookie(remembered), rest)
})
