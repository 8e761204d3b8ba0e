import t from 'tap'
import { sessionCookie } from '../../src/sessions/session-cookie.ts'

t.test('over https the cookie is Secure and no other host can set it', async (t) => {
  t.same(sessionCookie({ publicUrl: new URL('https://login.example.org') }), {
    name: '__Host-latchkey',
    attributes: { path: '/', httpOnly: true, sameSite: 'lax', secure: true }
  })
})

t.test('over http it has a plain name, for browsers drop what claims to be Secure', async (t) => {
  const plain = {
    name: 'latchkey',
    attributes: { path: '/', httpOnly: true, sameSite: 'lax', secure: false }
  }
  t.same(sessionCookie({ publicUrl: new URL('http://localhost:3000') }), plain)
  t.same(sessionCookie({ publicUrl: undefined }), plain)
})
