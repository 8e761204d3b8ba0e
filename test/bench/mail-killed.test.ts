import t from 'tap'
import { sendWithKills } from '../../bench/mail-killed.ts'
import { emptyDatabase } from '../servers/shared-postgres.ts'

for (const where of ['the embedded database', 'PostgreSQL'])
  t.test(`a worker that is killed after every 40th delivery loses no message, over ${where}`, async (t) => {
    const databaseUrl = where === 'PostgreSQL' ? await emptyDatabase(t) : undefined
    const outcome = await sendWithKills({ count: 100, killAfter: 40, lease: 10_000, databaseUrl })
    t.match(outcome, { lost: 0, confused: 0 })
    t.ok(outcome.kills >= 2)
    // Four are sent at once.
    t.ok(outcome.surplus <= 4 * outcome.kills, `${outcome.surplus} too many`)
    t.ok(outcome.repeated <= outcome.surplus)
  })
