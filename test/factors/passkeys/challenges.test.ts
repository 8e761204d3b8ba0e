import t from 'tap'
import { PasskeyChallenges } from '../../../src/factors/passkeys/challenges.ts'

const now = Date.parse('2026-11-29T10:00Z')
const secret = 's'.repeat(32)
const account = 'AAAAAAAAAAAAAAAAAAAAAA'

t.test('a challenge is for one thing, one account and five minutes (case 12)', async (t) => {
  let time = now
  const challenges = new PasskeyChallenges([secret], () => time)
  const subject = { purpose: 'add', accountId: account } as const
  const challenge = challenges.make(subject)
  const checked = challenges.check(challenge, subject)
  t.match(checked, { expiresAt: now + 300_000 })
  t.equal(challenges.check(challenge, { purpose: 'sign-in' }), undefined)
  t.equal(challenges.check(challenge, { purpose: 'second-factor', accountId: account }), undefined)
  t.equal(challenges.check(challenge, { purpose: 'add', accountId: 'BBBBBBBBBBBBBBBBBBBBBA' }), undefined)
  t.not(
    challenges.check(challenges.make(subject), subject)?.spendKey,
    checked?.spendKey,
    'each is spent by itself'
  )
  time += 300_001
  t.equal(challenges.check(challenge, subject), undefined)
})

t.test('a challenge is verified by every secret, and made up by nobody', async (t) => {
  const subject = { purpose: 'sign-in' } as const
  const challenge = new PasskeyChallenges([secret], () => now).make(subject)
  t.ok(new PasskeyChallenges(['n'.repeat(32), secret], () => now).check(challenge, subject))
  t.notOk(new PasskeyChallenges(['n'.repeat(32)], () => now).check(challenge, subject))
  const challenges = new PasskeyChallenges([secret], () => now)
  const bytes = Buffer.from(challenge, 'base64url')
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    t.notOk(challenges.check(changed.toString('base64url'), subject), `byte ${at}`)
  }
  for (const wrong of ['', 'abc', `${challenge}AA`, 'ä'.repeat(72)]) t.notOk(challenges.check(wrong, subject))
})
