import { HOTP, Secret, TOTP } from 'otpauth'
import t from 'tap'
import { enrolmentUri, isOneTimeCode, newSeed, stepOf } from '../../src/factors/one-time-codes.ts'

const rfcSecret = '12345678901234567890'

t.test('the vectors of RFC 4226 and RFC 6238', async (t) => {
  const seed = Secret.fromLatin1(rfcSecret).base32
  // RFC 4226, Appendix D: counters 0 to 9, here as steps.
  const hotp = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ')
  for (const [counter, code] of hotp.entries()) t.equal(stepOf(code, seed, counter * 30_000), counter, code)
  // RFC 6238, Appendix B, SHA-1: the last six of the eight digits.
  const totp = { 59: '287082', 1111111109: '081804', 1111111111: '050471', 1234567890: '005924' }
  const later = { 2000000000: '279037', 20000000000: '353130' }
  for (const [seconds, code] of Object.entries({ ...totp, ...later })) {
    const at = Number(seconds) * 1000
    t.equal(stepOf(code, seed, at), Math.floor(at / 30_000), code)
  }
})

t.test('a code counts one step before and after, and in groups', async (t) => {
  const seed = newSeed()
  const now = 1_000_000 * 30_000
  const codeOf = (counter: number) => HOTP.generate({ secret: Secret.fromBase32(seed), counter })
  for (const step of [999_999, 1_000_000, 1_000_001]) t.equal(stepOf(codeOf(step), seed, now), step)
  for (const step of [999_998, 1_000_002]) t.equal(stepOf(codeOf(step), seed, now), undefined)
  const code = codeOf(1_000_000)
  t.equal(stepOf(` ${code.slice(0, 3)} ${code.slice(3)}\n`, seed, now), 1_000_000)
  for (const none of ['', '12345', '1234567', 'abcdef', '１２３４５６', `${code} 1`, ' '.repeat(1000)])
    t.equal(stepOf(none, seed, now), undefined, none)
  t.equal(isOneTimeCode('123 456'), true)
})

t.test('an authenticator app makes the same codes out of the address', async (t) => {
  const seed = newSeed()
  t.equal(Secret.fromBase32(seed).bytes.length, 20)
  const uri = enrolmentUri(seed, { issuer: 'Café: Ödön', name: 'Alice & Bob' })
  const app = HOTP.generate({ secret: Secret.fromBase32(seed), counter: 1 })
  const parsed = new URL(uri)
  t.equal(parsed.protocol, 'otpauth:')
  t.equal(parsed.searchParams.get('issuer'), 'Café: Ödön')
  const { secret = '', digits, period, algorithm } = Object.fromEntries(parsed.searchParams)
  t.same({ digits, period, algorithm }, { digits: '6', period: '30', algorithm: 'SHA1' })
  t.equal(TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: 30_000 }), app)
})
