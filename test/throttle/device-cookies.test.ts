import { randomBytes } from 'node:crypto'
import t from 'tap'
import { DeviceCookies } from '../../src/throttle/device-cookies.ts'

const secret = 'a'.repeat(32)
const older = 'b'.repeat(32)
const browsers = new DeviceCookies([secret])
const newId = () => randomBytes(16).toString('base64url')

t.test(
  'a browser is known to the user who signed in, in any spelling of the name, and to nobody else',
  async (t) => {
    const id = newId()
    const cookie = browsers.add('alice', id, undefined)
    t.equal(browsers.deviceOf('alice', cookie), id)
    t.equal(browsers.deviceOf('ALICE', cookie), id)
    t.equal(browsers.deviceOf('bob', cookie), undefined)
    t.equal(browsers.deviceOf('alice', undefined), undefined)
    t.notMatch(cookie, 'alice')
  }
)

t.test('a shared browser is known to up to five users', async (t) => {
  let cookie: string | undefined
  const people = ['one', 'two', 'three', 'four', 'five', 'six']
  for (const name of people) cookie = browsers.add(name, newId(), cookie)
  t.same(
    people.filter((name) => browsers.deviceOf(name, cookie) !== undefined),
    ['two', 'three', 'four', 'five', 'six']
  )
  const id = newId()
  const again = browsers.add('four', id, cookie)
  t.equal(again.length, cookie?.length, 'a known user takes no more room')
  t.equal(browsers.deviceOf('four', again), id, 'under the new id')
})

t.test('a signature is valid only in its own browser, and a forged one nowhere', async (t) => {
  const [id, signature] = browsers.add('alice', newId(), undefined).split('.')
  const [otherId] = browsers.add('mallory', newId(), undefined).split('.')
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
    t.equal(browsers.deviceOf('alice', forged), undefined, forged.slice(0, 60))
  }
})

t.test('a signature with an older secret is valid, and is renewed at the next sign-in', async (t) => {
  const cookie = new DeviceCookies([older]).add('alice', newId(), undefined)
  const rotated = new DeviceCookies([secret, older])
  t.ok(rotated.deviceOf('alice', cookie))
  const renewed = rotated.add('alice', rotated.deviceOf('alice', cookie) ?? '', cookie)
  t.equal(renewed.length, cookie.length)
  t.equal(browsers.deviceOf('alice', renewed), rotated.deviceOf('alice', cookie))
  t.equal(browsers.deviceOf('alice', cookie), undefined)
})
