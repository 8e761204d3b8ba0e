// group: real-processes
import t from 'tap'
import { countsOf, report } from '../../../bench/nemesis/report.ts'
import { type RunOptions, run } from '../../../bench/nemesis/run.ts'

/** Few and short; how long answers take says nothing on a busy machine. */
const short = {
  ...{ seed: 17, milliseconds: 12_000, processes: 2, people: 3, isTimed: false, settles: 2500 },
  say: () => {}
} satisfies Partial<RunOptions>

const everything = ['sign-in 200', 'confirm 200', 'regenerate 200', 'look 401', 'sign-out 204', 'end-one 204']

for (const store of ['embedded', 'redis'] as const) {
  t.test(`in a short run over ${store} every promise is kept, and something happens`, async (t) => {
    const options = { ...short, store }
    const outcome = await run(options)
    t.equal(outcome.violations.length, 0, report(outcome, options, 3))
    const counts = countsOf(outcome)
    for (const what of everything) t.ok(counts[what], what)
    t.ok(outcome.history.faults.length >= 3, 'faults')
  })
}
