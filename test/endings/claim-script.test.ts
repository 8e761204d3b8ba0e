import fc from 'fast-check'
import t from 'tap'
import { readClaim } from '../../src/endings/claim-script.ts'
import { isAccountId } from '../../src/identity/account-id.ts'
import { claimOf } from '../../src/sessions/claims.ts'
import { recordIn, textOf } from '../../src/sessions/session-text.ts'
import { startRedis } from '../servers/redis.ts'
import { records } from '../sessions/records.ts'

const script = `${readClaim}
  local claim = claimIn(ARGV[1])
  if not claim then return false end
  return { claim.owner or '', string.format('%.0f', claim.epoch), string.format('%.0f', claim.gen), tostring(claim.hasMoved) }
`

t.test('Redis reads whose a session is as this process does', async (t) => {
  const redis = await startRedis(t)
  const cases = fc.sample(records, 200).filter(({ account, user }) => {
    // What is no account's id, or an empty name, is nobody's here; there it is the owner of no session.
    return user !== '' && (account === undefined || (isAccountId(account) && typeof user === 'string'))
  })
  for (const record of cases) {
    for (const text of [textOf(record), JSON.stringify(record)]) {
      const { owner = '', epoch, gen } = claimOf('key', recordIn(text))
      t.same(
        await redis.ask('EVAL', script, 0, text),
        [owner, `${epoch}`, `${gen}`, `${record.movedTo !== undefined}`],
        text
      )
    }
  }
  for (const text of ['null', '"text"', 'no JSON']) t.equal(await redis.ask('EVAL', script, 0, text), null)
  for (const text of ['[]', '[1]', '{}'])
    t.same(await redis.ask('EVAL', script, 0, text), ['', '0', '0', 'false'])
})
