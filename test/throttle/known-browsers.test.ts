import t from 'tap'
import { KnownBrowsers } from '../../src/throttle/known-browsers.ts'

const secret = 'a'.repeat(32)
const older = 'b'.repeat(32)
const browsers = new KnownBrowsers([secret])

t.test('a browser is known to whom it signed in, in any spelling, and to nobody else', async (t) => {
  const cookie = browsers.withPerson('alice', undefined)
  const id = browsers.idFor('alice', cookie)
  t.match(id, /^[\w-]{22}$/)
  t.equal(browsers.idFor('ALICE', cookie), id)
  t.equal(browsers.idFor('bob', cookie), undefined)
  t.equal(browsers.idFor('alice', undefined), undefined)
  t.not(browsers.idFor('alice', browsers.withPerson('alice', undefined)), id, 'each browser has its own id')
  t.notMatch(cookie, 'alice')
})

t.test('people who share a browser are all known, up to five of them', async (t) => {
  let cookie: string | undefined
  const people = ['one', 'two', 'three', 'four', 'five', 'six']
  for (const name of people) cookie = browsers.withPerson(name, cookie)
  t.same(
    people.filter((name) => browsers.idFor(name, cookie) !== undefined),
    ['two', 'three', 'four', 'five', 'six']
  )
  const again = browsers.withPerson('four', cookie)
  t.equal(again.length, cookie?.length, 'who is known already takes no more room')
  t.equal(browsers.idFor('four', again), browsers.idFor('four', cookie))
})

t.test('a signature of one browser is worth nothing in another, nor is a made-up one', async (t) => {
  const [id, signature] = browsers.withPerson('alice', undefined).split('.')
  const [otherId] = browsers.withPerson('mallory', undefined).split('.')
  for (const forged of [
    `${otherId}.${signature}`,
    `${id}.${'A'.repeat(22)}`,
    `${id}`,
    `.${signature}`,
    `${id}.${signature}.`,
    `${id}.${signature}x`,
    '',
    'x'.repeat(10_000)
  ]) {
    t.equal(browsers.idFor('alice', forged), undefined, forged.slice(0, 60))
  }
})

t.test('what an older secret signed still counts, and is signed anew at the next sign-in', async (t) => {
  const cookie = new KnownBrowsers([older]).withPerson('alice', undefined)
  const rotated = new KnownBrowsers([secret, older])
  t.ok(rotated.idFor('alice', cookie))
  const renewed = rotated.withPerson('alice', cookie)
  t.equal(renewed.length, cookie.length)
  t.equal(browsers.idFor('alice', renewed), rotated.idFor('alice', cookie))
  t.equal(browsers.idFor('alice', cookie), undefined)
})
