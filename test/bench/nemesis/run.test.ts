// group: real-processes
import t from 'tap'
import { countsOf, report } from '../../../bench/nemesis/report.ts'
import { type RunOptions, run } from '../../../bench/nemesis/run.ts'

const everything = [
  ...['sign-in 200', 'look 200', 'look 401', 'confirm 200|regenerate 200|save 200'],
  'sign-out 204|end-one 204|end-others 200|end-all 200|change-password 200'
]

function missingIn(history: Parameters<typeof countsOf>[0]): string[] {
  const counts = countsOf(history)
  return everything.filter((what) => !what.split('|').some((each) => counts[each]))
}

/**
 * As short and with as few processes as show that all parts work together; how long answers take says nothing on a busy
 * machine. Faults after which a process is started again cost as much as all others.
 */
const options: RunOptions = {
  ...{
    store: 'redis',
    seed: 1970,
    milliseconds: 2500,
    processes: 1,
    people: 2,
    browsers: 1,
    hasExpress: false,
    hasAdministrator: false
  },
  ...{ isTimed: false, settles: 500, say: () => {} },
  until: (history) => missingIn(history).length === 0,
  only: [
    ...['a process is stopped', 'a clock steps'],
    ...['Redis is flushed', 'Redis follows an older one', 'Redis is cut off'],
    ...['some are cut off from PostgreSQL', 'PostgreSQL is slow']
  ]
}

t.test('in a short run every promise is kept, and something happens', async (t) => {
  const outcome = await run(options)
  t.equal(outcome.violations.length, 0, report(outcome, options, 3))
  t.same(missingIn(outcome.history), [])
  t.ok(outcome.history.faults.length > 0, 'faults')
})
