import { createHash } from 'node:crypto'
import t from 'tap'
import { SessionKeys } from '../../src/sessions/session-keys.ts'

t.test('the key of a session is a hash of its id, always the same', async (t) => {
  const keys = new SessionKeys('hashed')
  const hash = createHash('sha256').update('id').digest().subarray(0, 16).toString('base64url')
  t.equal(keys.of('id'), hash)
  t.equal(keys.of('id'), hash)
})

t.test('with plain ids the key is the id itself, as in connect-redis', async (t) => {
  t.equal(new SessionKeys('plain').of('id'), 'id')
})
