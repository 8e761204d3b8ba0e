import t from 'tap'
import {
  type AccountProofs,
  factorsIn,
  freshProofs,
  isProved,
  kindsOf,
  suffices
} from '../../src/identity/account-proofs.ts'

const now = 1_800_000_000_000
const hour = 3_600_000
const proved = (...kinds: (keyof AccountProofs)[]): AccountProofs =>
  Object.fromEntries(kinds.map((kind) => [kind, now]))

t.test(
  'a password and any second factor are two; a passkey is two only if its owner was verified',
  async (t) => {
    t.equal(factorsIn(undefined), 0)
    t.equal(factorsIn({}), 0)
    for (const one of ['password', 'totp', 'recovery', 'passkey'] as const)
      t.equal(factorsIn(proved(one)), 1, one)
    t.equal(factorsIn(proved('verified')), 0, 'whose passkey?')
    t.equal(
      factorsIn(proved('totp', 'recovery', 'passkey')),
      1,
      'three things that somebody has are one factor'
    )
    for (const second of ['totp', 'recovery', 'passkey'] as const)
      t.equal(factorsIn(proved('password', second)), 2, second)
    t.equal(factorsIn(proved('passkey', 'verified')), 2)
    t.equal(suffices(proved('password', 'totp'), 'phishing-resistant'), false)
    t.equal(suffices(proved('passkey'), 'phishing-resistant'), false, 'without the owner')
    t.equal(suffices(proved('password', 'passkey'), 'phishing-resistant'), true)
    t.equal(suffices(proved('passkey', 'verified'), 'phishing-resistant'), true)
  }
)

t.test('what counts must be recent: within the time asked for, else within a day', async (t) => {
  const both = { password: now - 23 * hour, totp: now - hour }
  t.equal(isProved(both, { factors: 2 }, now), true)
  t.equal(isProved(both, { factors: 2 }, now + hour), true, 'to the millisecond')
  t.equal(isProved(both, { factors: 2 }, now + hour + 1), false, 'a remembered session sinks to one factor')
  t.equal(isProved(both, {}, now + 1000 * hour), true, 'and stays signed in')
  t.equal(isProved(both, { within: '1h' }, now), true, 'any one factor')
  t.equal(isProved(both, { within: '59m' }, now), false)
  t.equal(isProved(both, { factors: 2, within: '2h' }, now), false, 'each of them')
  t.same(kindsOf(freshProofs(both, '2h', now)), ['totp'])
})

t.test('what lies in the future or is no time proves nothing', async (t) => {
  t.equal(
    isProved({ password: now + 59_000 }, { within: '10m' }, now),
    true,
    'another clock is ahead a little'
  )
  for (const at of [now + 61_000, Number.POSITIVE_INFINITY, Number.NaN, 'today', null])
    t.equal(isProved({ password: at as number }, { within: '400d' }, now), false, `${at}`)
})
