/**
 * Runs all tests in five ways, as on different machines: as it is, on one core, beside busy loops on two
 * cores and on one, and while the clock is set forward. Prints for each whether it passed, its cost and its
 * failures; exits with 1 if anything failed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, globSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { allowedCores, withBusyLoops } from './busy-loops.ts'
import { failuresIn } from './tap-failures.ts'

const { values } = parseArgs({
  options: {
    /** Letters of ways, `bd`. */
    ways: { type: 'string', default: 'abcde' },
    times: { type: 'string', default: '1' },
    /** A command instead of all tests; its output is read as TAP. */
    command: { type: 'string', default: 'npm test -- --reporter=tap' },
    /** Seconds after the start of each group of tests until its clock is set forward. */
    'clock-after': { type: 'string', default: '1' },
    /** The folder for the output of each run. */
    output: { type: 'string', default: join(import.meta.dirname, '../../.tap/five-ways') }
  }
})

interface Way {
  readonly title: string
  /** One line that says why this machine cannot do it. */
  readonly missing?: string | false | undefined
  readonly run: (name: string) => Promise<boolean>
}

const read = (file = '') => readFileSync(file, 'utf8')
const cores = existsSync('/proc/self/status') ? allowedCores() : []
const [one, two] = [cores.slice(0, 1), cores.slice(0, 2)]
const hasTaskset = spawnSync('taskset', ['-c', one.join(), 'true']).status === 0
const needsCores = !hasTaskset && 'there is no taskset, which Linux has'
const faketime = globSync('/usr/lib{,64}/{,*/}faketime/libfaketime.so.1')[0]

const ways: Record<string, Way> = {
  a: { title: 'as it is', run: (name) => run(name) },
  b: {
    title: 'on one core',
    missing: needsCores,
    run: (name) => run(name, { cores: one })
  },
  c: {
    title: 'on two cores, beside two busy loops',
    missing: needsCores || (two.length < 2 && 'there is one core'),
    run: (name) => withBusyLoops(two, () => run(name, { cores: two }))
  },
  d: {
    title: 'on one core, beside one busy loop',
    missing: needsCores,
    run: (name) => withBusyLoops(one, () => run(name, { cores: one }))
  },
  e: {
    title: 'while the clock is set two hours forward',
    missing: faketime === undefined && 'there is no libfaketime, which is in the package faketime of Debian',
    run: (name) => run(name, { env: withMovingClock() })
  }
}

const times = Number(values.times)
if (!/^[a-e]+$/.test(values.ways) || !(times >= 1))
  throw new Error('--ways takes letters from a to e, --times 1 or more')
mkdirSync(values.output, { recursive: true })
const chosen = Object.entries(ways).filter(([letter]) => values.ways.includes(letter))
const passed: boolean[] = []
for (const [letter, { title, missing, run }] of chosen) {
  if (missing) {
    console.log(`${letter}  ${title}: not possible here, ${missing}`)
    continue
  }
  for (let time = 1; time <= times; time++) {
    console.log(`${letter}  ${title}`)
    passed.push(await run(`${letter}${time}`))
  }
}
console.log(`${passed.filter(Boolean).length} of ${passed.length} passed`)
process.exitCode = passed.every(Boolean) ? 0 : 1

interface Conditions {
  readonly cores?: readonly number[]
  readonly env?: NodeJS.ProcessEnv
}

/** @returns whether it passed */
async function run(name: string, { cores, env = {} }: Conditions = {}): Promise<boolean> {
  const startedAt = performance.now()
  // Files, not pipes: a run has ended even if a process that it left behind could still print.
  const [output, errors, spent] = ['tap', 'errors', 'times'].map((kind) =>
    join(values.output, `${name}.${kind}`)
  )
  const files = [output, errors, spent].map((file = '') => openSync(file, 'w'))
  // `times` prints at the end the CPU time of all children that the shell has waited for.
  const measured = ['sh', '-c', 'sh -c "$1"; code=$?; times >&3; exit $code', 'sh', values.command]
  const [program = '', ...words] = cores ? ['taskset', '-c', cores.join(), ...measured] : measured
  const child = spawn(program, words, { env: { ...process.env, ...env }, stdio: ['ignore', ...files] })
  const [code, signal] = await once(child, 'exit')
  for (const file of files) closeSync(file)

  const minutes = (performance.now() - startedAt) / 60_000
  const cost = `${costIn(read(spent))}, ${minutes.toFixed(1)} minutes`
  console.log(`   ${code === 0 ? 'passed' : `FAILED with ${code ?? signal}`}: ${cost}`)
  if (code === 0) return true
  for (const failure of failuresIn(read(output))) console.log(`   not ok: ${failure}`)
  console.log(`   all it printed: ${output}, ${errors}`)
  return false
}

/** @param times two lines, for the shell and its children, each `1m2.345s 0m0.678s`: user, system */
function costIn(times: string): string {
  const [user, system] = [...times.matchAll(/(\d+)m([\d.]+)s/g)]
    .slice(-2)
    .map(([, minutes, seconds]) => (Number(minutes) * 60 + Number(seconds)).toFixed(1))
  return `${user} s user, ${system} s system`
}

/** The date is set two hours forward once, for each group of tests by itself, see tap/clock.ts. */
function withMovingClock(): NodeJS.ProcessEnv {
  const clock = join(values.output, 'clock')
  writeFileSync(clock, '+0')
  return {
    LD_PRELOAD: faketime,
    FAKETIME_TIMESTAMP_FILE: clock,
    // Monotonic clocks are not changed.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    FAKETIME_CACHE_DURATION: '1',
    SET_CLOCK_AFTER: values['clock-after']
  }
}
