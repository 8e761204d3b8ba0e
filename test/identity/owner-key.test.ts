import t from 'tap'
import { isAccountId, newAccountId } from '../../src/identity/account-id.ts'
import { ownerKeyOf, ownerKeysOf } from '../../src/identity/owner-key.ts'

const account = newAccountId()

t.test('an id has 128 bits, each of which differs from one id to the next', async (t) => {
  const ids = Array.from({ length: 200 }, newAccountId)
  t.ok(ids.every(isAccountId))
  for (let bit = 0; bit < 128; bit += 1) {
    const values = ids.map((id) => (Buffer.from(id, 'base64url').readUInt8(bit >> 3) >> (bit & 7)) & 1)
    t.equal(new Set(values).size, 2, `bit ${bit}`)
  }
})

t.test('what is not 128 bits in base64url is no id', async (t) => {
  const others = [
    '',
    'alice',
    account.slice(1),
    `${account}A`,
    `${account.slice(1)}+`,
    `${'A'.repeat(21)}B`,
    1,
    null,
    [account]
  ]
  for (const other of others) t.notOk(isAccountId(other), JSON.stringify(other))
})

t.test('a session belongs to the account, or else to the name', async (t) => {
  t.equal(ownerKeyOf({ user: 'Alice', account }), account)
  t.equal(ownerKeyOf({ user: 'Alice' }), 'name:Alice')
  t.same(ownerKeysOf({ id: account, name: 'Alice' }), [account, 'name:Alice'])
  t.same(ownerKeysOf({ id: 'name:Alice', name: 'Alice' }), ['name:Alice'])
})

t.test(
  'it is nobody’s without a name that a database can hold, or with an account that is no id',
  async (t) => {
    const noNames = ['', 'a\0b', '\ud800', 'x'.repeat(513)]
    for (const user of [...noNames, undefined, null, 1, {}, ['alice']]) {
      t.equal(ownerKeyOf({ user }), undefined)
      t.equal(ownerKeyOf({ user, account }), undefined)
    }
    for (const account of [null, '', 'alice', 1, {}])
      t.equal(ownerKeyOf({ user: 'alice', account }), undefined)
  }
)
