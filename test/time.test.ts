import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

/** Code that behaves differently on a very busy machine, or on one whose clock is set. */
const measures = {
  'reads how long something took': /\bperformance\.(now|mark|measure)\(|\bhrtime\b|\bconsole\.time/,
  'asserts something about the time of day': /\bt\.\w+\([^\n]*\bDate\.now\(\)/,
  'compares times of day': /\bDate\.now\(\) *[<>]|(?<!=)[<>]=? *Date\.now\(\)|\bDate\.now\(\) - \w+ *[<>%]/,
  'waits for a fixed time': /\b(?<!t\.)(setTimeout|setInterval|sleep)\(|\bAtomics\.wait\(.*, .*, .*, /
} as const

/** Files that are allowed to, and why. */
const exceptions: Record<string, string> = {
  'groups.test.ts': 'a test file that begins late',
  'servers/eventually.ts': 'looks again and again, and gives up in the end',
  'servers/true-clock.ts': 'a clock that nobody sets',
  'block-event-loop.ts': 'keeps the event loop from turning for so long',
  'visit-steadily.ts': 'people pause between visits',
  'start/thread-pool.test.ts': 'looks again and again, in a process without our code',
  'primitives/patience.test.ts': 'a server that answers a little later',
  'stories/a-stalled-process-answers-everybody.test.ts': 'a process is stopped for so long',
  'stories/slow-requests-are-answered-and-closed.test.ts': 'senders who add a little now and then',
  'tap/clock.ts': 'sets the clock soon',
  'tap/left-open.ts': 'gives up on what a test left open',
  'tap/running-test.test.ts': 'an error that comes later',
  'five-ways/run.ts': 'says how long all tests took',
  'five-ways/run.test.ts': 'a program whose clock is set while it runs',
  'five-ways/busy-loops.test.ts': 'a process that goes on until it is ended'
}

/** Functions that connect to a server: their tests have to set a timeout. */
const opens = /\b(connectRedis|openPostgres|openDatabase)\((?!t\))/

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && file !== 'time.test.ts')
const textOf = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8')

for (const [what, pattern] of Object.entries(measures)) {
  t.test(`no test ${what}`, async (t) => {
    const found = files.filter((file) => pattern.test(textOf(file)) && !(file in exceptions))
    t.same(found, [], 'wait for the event itself with servers/eventually.ts, or pass a clock in')
  })
}

t.test('every exception is still needed', async (t) => {
  const needed = files.filter((file) => Object.values(measures).some((pattern) => pattern.test(textOf(file))))
  t.same(Object.keys(exceptions).sort(), needed.sort())
})

t.test('every test that opens storage states its patience', async (t) => {
  const impatient = files.flatMap((file) =>
    textOf(file)
      .split('\n')
      .filter((line) => opens.test(line) && !/patience|waits/i.test(line))
      .map((line) => `${file}: ${line.trim()}`)
  )
  t.same(impatient, [], 'see servers/patience.ts')
})
