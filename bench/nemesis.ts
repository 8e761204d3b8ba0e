import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { plants } from './nemesis/plants/plants.ts'
import { report } from './nemesis/report.ts'
import { run } from './nemesis/run.ts'
import { faultsOf, type Store, scheduleOf } from './nemesis/schedule.ts'
import { faketime } from './nemesis/service-process.ts'

// Kills, stops, cuts off, slows, rolls back and moves clocks at random while people sign in, change, regenerate, confirm,
// sign out and end one another's sessions; then goes through every answer. A violation exits with 1, and its seed says how
// to have the same faults again. See nemesis/README.md.
//   node bench/nemesis.ts --store redis
//   node bench/nemesis.ts --store cluster --minutes 1 --seed 7
//   node bench/nemesis.ts --store redis --plant no-epoch
const { values } = parseArgs({
  options: {
    /** embedded, redis, sentinel or cluster. */
    store: { type: 'string', default: 'redis' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    processes: { type: 'string', default: '3' },
    people: { type: 'string', default: '6' },
    /** Without the Express app. */
    'no-express': { type: 'boolean', default: false },
    /** A fault of the schedule, or several; all by default. */
    only: { type: 'string', multiple: true },
    /** Looks at no time of an answer but those after an ending: for a machine with other work. */
    untimed: { type: 'boolean', default: false },
    /** A fault in the code: `--plant list` names them. */
    plant: { type: 'string' },
    /** Prints the faults to come and does nothing. */
    schedule: { type: 'boolean', default: false },
    /** Violations to tell in full. */
    show: { type: 'string', default: '5' },
    /** A file for all calls and faults, as JSON. */
    history: { type: 'string' }
  }
})

const { store: named, only, plant } = values
if (!(named in faultsOf)) throw new Error(`--store is one of ${Object.keys(faultsOf).join(', ')}`)
const store = named as Store
const options = {
  ...{ store, only, plant },
  seed: values.seed === undefined ? randomInt(2 ** 32) : Number(values.seed),
  milliseconds: Number(values.minutes) * 60_000,
  processes: Number(values.processes),
  people: Number(values.people),
  browsers: 2,
  hasExpress: !values['no-express'],
  hasAdministrator: true,
  isTimed: !values.untimed,
  settles: 3000,
  say: console.log
}

if (plant === 'list') {
  for (const [name, { what, shownBy }] of Object.entries(plants))
    console.log(`${name}: ${what}${shownBy ? ` (shown by ${shownBy.test}: ${shownBy.because})` : ''}`)
} else if (values.schedule) {
  console.log(
    JSON.stringify(scheduleOf(options.seed, { ...options, hasFaketime: faketime !== undefined }), null, 2)
  )
} else {
  console.log(`Seed ${options.seed}`)
  const outcome = await run(options)
  if (values.history) writeFileSync(values.history, JSON.stringify(outcome.history))
  console.log(report(outcome, options, Number(values.show)))
  process.exitCode = outcome.violations.length > 0 ? 1 : 0
}
