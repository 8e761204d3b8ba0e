import { createHash } from 'node:crypto'
import t from 'tap'
import { SessionKeys } from '../../src/sessions/session-keys.ts'

t.test('a session is kept under a hash of its id, the same at every time', async (t) => {
  const keys = new SessionKeys('hashed')
  const hash = createHash('sha256').update('id').digest('base64url')
  t.equal(keys.of('id'), hash)
  t.equal(keys.of('id'), hash)
})

t.test('or under the id itself, as connect-redis has it', async (t) => {
  t.equal(new SessionKeys('plain').of('id'), 'id')
})
