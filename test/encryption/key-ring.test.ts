import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dataKeyRing } from '../../src/encryption/data-keys.ts'
import { KeyRing, keyIdOf } from '../../src/encryption/key-ring.ts'

const [one, two] = ['1'.repeat(32), '2'.repeat(32)] as const
const place = { table: 'totp', column: 'seed', account: 'alice' }

t.test('what is sealed can be opened with the ring, in its place, as it is', async (t) => {
  const ring = new KeyRing([one])
  const sealed = ring.seal('Änderung', place)
  t.equal(ring.open(sealed, place), 'Änderung')
  t.notMatch(sealed, 'nderung')
  t.not(ring.seal('Änderung', place), sealed, 'never the same twice')
  for (const other of [{ table: 'links' }, { column: 'address' }, { account: 'bob' }])
    t.equal(ring.open(sealed, { ...place, ...other }), undefined, JSON.stringify(other))
  t.equal(new KeyRing([two]).open(sealed, place), undefined)
  const bytes = [...sealed]
  for (const [index, byte] of bytes.entries()) {
    const changed = bytes.with(index, byte === 'A' ? 'B' : 'A').join('')
    // The last character has bits that base64url ignores.
    if (index < bytes.length - 1) t.equal(ring.open(changed, place), undefined, changed)
  }
  for (const none of ['', '.', `${ring.currentId}.`, sealed.slice(0, -1), `${sealed.slice(0, -4)}`])
    t.equal(ring.open(none, place), undefined, none)
})

t.test('the first key seals, all open', async (t) => {
  const sealed = new KeyRing([one]).seal('text', place)
  const both = new KeyRing([two, one])
  t.equal(both.open(sealed, place), 'text')
  t.equal(keyIdOf(both.seal('text', place)), both.currentId)
  t.not(keyIdOf(sealed), both.currentId)
  t.notMatch(sealed, one)
})

t.test('without a key nothing can be sealed', async (t) => {
  const none = new KeyRing([])
  t.equal(none.currentId, undefined)
  t.throws(() => none.seal('text', place), { message: /DATA_KEYS/ })
  t.equal(dataKeyRing({ dataKeys: [], database: { kind: 'postgres', url: '' } }).currentId, undefined)
})

t.test('a key is made beside the embedded database, readable by its owner alone', async (t) => {
  const folder = t.testdir({})
  const settings = { dataKeys: [], database: { kind: 'sqlite', file: join(folder, 'latchkey.db') } } as const
  const ring = dataKeyRing(settings)
  t.same(readdirSync(folder), ['data.key'])
  t.equal(statSync(join(folder, 'data.key')).mode & 0o777, 0o600)
  t.equal(dataKeyRing(settings).open(ring.seal('text', place), place), 'text')
  t.equal(dataKeyRing({ ...settings, dataKeys: [one] }).currentId, new KeyRing([one]).currentId)
})
