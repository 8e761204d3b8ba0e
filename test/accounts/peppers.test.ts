import argon2 from 'argon2'
import t from 'tap'
import { Passwords } from '../../src/accounts/passwords.ts'

const cost = { memoryKiB: 1024, passes: 2, lanes: 1 }
const [older, newer] = ['a'.repeat(32), 'b'.repeat(32)]
const password = 'correct horse'
const before = new Passwords(cost, { peppers: [older] })
const rotating = new Passwords(cost, { peppers: [newer, older] })
const after = new Passwords(cost, { peppers: [newer] })
const plain = new Passwords(cost)

t.test('without the pepper no password matches a hash', async (t) => {
  const hash = await before.hash(password)
  t.equal(await before.verify(hash, password), true)
  t.equal(await before.verify(hash, 'wrong horse'), false)
  t.equal(await argon2.verify(hash, password), false, 'not even argon2 itself')
  t.equal(await plain.verify(hash, password), false)
  t.notMatch(hash, older)
})

t.test('a hash names its pepper by a PHC keyid', async (t) => {
  const hash = await before.hash(password)
  t.match(hash, /^\$argon2id\$v=19\$[mtp=\d,]+,keyid=[\w+/]{8}\$[\w+/]+\$[\w+/]+$/)
  t.not(keyIn(hash), keyIn(await after.hash(password)))
  t.equal(keyIn(await plain.hash(password)), undefined)
})

t.test('with both peppers set a hash with the older one is verified and outdated', async (t) => {
  const hash = await before.hash(password)
  t.equal(await rotating.verify(hash, password), true)
  t.equal(before.isOutdated(hash), false)
  t.equal(rotating.isOutdated(hash), true)
  t.equal(rotating.isOutdated(await rotating.hash(password)), false)
})

t.test('a hash from before any pepper is verified and outdated', async (t) => {
  const hash = await plain.hash(password)
  t.equal(await after.verify(hash, password), true)
  t.equal(after.isOutdated(hash), true)
})

t.test('a hash whose pepper was removed too early is reported', async (t) => {
  const hash = await before.hash(password)
  t.equal(await after.verify(hash, password), false)
  t.equal(after.lacksPepper(hash), true)
  t.equal(rotating.lacksPepper(hash), false)
})

function keyIn(hash: string): string | undefined {
  return /keyid=([^$,]+)/.exec(hash)?.[1]
}
