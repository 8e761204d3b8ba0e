import { createHash } from 'node:crypto'
import t from 'tap'
import { newSessionId, renewedSessionId, SessionKeys } from '../../src/sessions/session-keys.ts'

const hash = (text: string) =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')

t.test('an id has a public half, whose hash is the key, and a secret half', async (t) => {
  const id = newSessionId()
  const [open = '', secret = ''] = id.split('.')
  t.match([open, secret], [/^[\w-]{22}$/, /^[\w-]{22}$/])
  const address = { key: hash(open), secret: hash(secret) }
  t.same(new SessionKeys('hashed').of(id), address)
  t.equal(new SessionKeys('hashed').of(newSessionId(open)).key, address.key)
})

t.test('a renewed id has the same key and another secret', async (t) => {
  const keys = new SessionKeys('hashed')
  const id = newSessionId()
  const renewed = renewedSessionId(id)
  t.equal(keys.of(renewed).key, keys.of(id).key)
  t.not(keys.of(renewed).secret, keys.of(id).secret)
  t.not(keys.of(renewedSessionId('an id of an application')).key, keys.of('an id of an application').key)
})

t.test('the key of an id of another form is a hash of the whole, always the same', async (t) => {
  const keys = new SessionKeys('hashed')
  for (const id of ['id', 'Xk3vQ0w_8yTn2rLb-5zHcJm7sPdAf9Ue', `${newSessionId()}x`]) {
    t.same(keys.of(id), { key: hash(id), secret: undefined })
    t.same(keys.of(id), { key: hash(id), secret: undefined })
  }
})

t.test('with plain ids the key is the id itself, as in connect-redis', async (t) => {
  for (const id of ['id', newSessionId()])
    t.same(new SessionKeys('plain').of(id), { key: id, secret: undefined })
})
