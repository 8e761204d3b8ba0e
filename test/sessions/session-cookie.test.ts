import t from 'tap'
import { sessionCookie } from '../../src/sessions/session-cookie.ts'

const https = new URL('https://login.example.org')

t.test('over https the cookie is Secure and no other host can set it', async (t) => {
  t.same(sessionCookie({ publicUrl: https, cookieDomain: undefined }), {
    name: '__Host-latchkey',
    attributes: { path: '/', httpOnly: true, sameSite: 'lax', secure: true }
  })
})

t.test('over http it has a plain name, for browsers drop what claims to be Secure', async (t) => {
  const plain = {
    name: 'latchkey',
    attributes: { path: '/', httpOnly: true, sameSite: 'lax', secure: false }
  }
  t.same(sessionCookie({ publicUrl: new URL('http://localhost:3000'), cookieDomain: undefined }), plain)
  t.same(sessionCookie({ publicUrl: undefined, cookieDomain: undefined }), plain)
})

t.test('for the hosts under a domain it is Secure still, and only its name promises less', async (t) => {
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
