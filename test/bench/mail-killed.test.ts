import t from 'tap'
import { sendWithKills } from '../../bench/mail-killed.ts'

t.test('a worker that is killed after every 40th delivery loses no message', async (t) => {
  const outcome = await sendWithKills({ count: 100, killAfter: 40, lease: 2000 })
  t.match(outcome, { lost: 0, confused: 0 })
  t.ok(outcome.kills >= 2)
  // Four are sent at once.
  t.ok(outcome.surplus <= 4 * outcome.kills, `${outcome.surplus} too many`)
  t.ok(outcome.repeated <= outcome.surplus)
})
