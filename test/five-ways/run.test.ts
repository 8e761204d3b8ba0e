import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { moduleUrl } from '../processes.ts'

/** @returns the output and the exit code */
function fiveWays(t: Test, command: string, ...words: string[]) {
  const output = t.testdir()
  const program = [join(import.meta.dirname, 'run.ts'), '--command', command, '--output', output, ...words]
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; said: string; output: string }>()
  const child = execFile(process.execPath, program, (_, stdout, stderr) => {
    resolve({ code: child.exitCode, said: stdout + stderr, output })
  })
  return promise
}

/** One way costs here as much as all five, and works everywhere. */
const asItIs = ['--ways', 'a']

t.test('reports what each run cost', async (t) => {
  const { code, said } = await fiveWays(t, 'echo "ok 1 - all is well"', ...asItIs, '--times', '2')
  t.match(
    said,
    /^(a {2}as it is\n {3}passed: [\d.]+ s user, [\d.]+ s system, [\d.]+ minutes\n){2}2 of 2 passed\n$/
  )
  t.equal(code, 0)
})

t.test('counts the CPU time of child processes', async (t) => {
  const work = 'while (process.cpuUsage().user < 500_000) for (let n = 0; n < 1e6; n++);'
  const { said } = await fiveWays(t, `node --eval "${work}"`, ...asItIs)
  const [, user] = /([\d.]+) s user/.exec(said) ?? []
  t.ok(Number(user) >= 0.5, said)
})

t.test('a failed run is named, its output is kept, and the exit code is 1', async (t) => {
  const printed = 'not ok 1 - test/app.test.ts # time=3ms'
  const { code, said, output } = await fiveWays(t, `echo "${printed}"; echo ouch >&2; exit 7`, ...asItIs)
  t.match(said, 'FAILED with 7')
  t.match(said, '   not ok: test/app.test.ts\n')
  t.match(said, '\n0 of 1 passed\n')
  t.equal(code, 1)
  t.equal(readFileSync(join(output, 'a1.tap'), 'utf8'), `${printed}\n`)
  t.equal(readFileSync(join(output, 'a1.errors'), 'utf8'), 'ouch\n')
})

t.test('a killed run has failed', async (t) => {
  const { code, said } = await fiveWays(t, 'kill -9 $$', ...asItIs)
  t.match(said, /FAILED with (137|SIGKILL)/)
  t.equal(code, 1)
})

t.test('each way runs on its cores, or the output says why not', async (t) => {
  const { said, output } = await fiveWays(t, 'grep Cpus_allowed_list /proc/self/status', '--ways', 'bcd')
  for (const [way, cores] of [
    ['b', 1],
    ['c', 2],
    ['d', 1]
  ] as const) {
    if (!existsSync(join(output, `${way}1.tap`))) {
      t.match(said, new RegExp(`^${way} .*: not possible here, there is (no taskset|one core)`, 'm'))
      continue
    }
    const [, list = ''] = /:\s*(\S+)/.exec(readFileSync(join(output, `${way}1.tap`), 'utf8')) ?? []
    t.match(list, cores === 1 ? /^\d+$/ : /^\d+[-,]\d+$/, way)
  }
})

t.test('the clock is set forward while seconds keep their length, or the output says why not', async (t) => {
  // Linux itself knows the true time: that of the boot, and the seconds since.
  const look = `
    const { readFileSync } = require('node:fs');
    const numberIn = (file, pattern) => Number(pattern.exec(readFileSync(file, 'utf8'))[1]) * 1000;
    const trueTime = () => numberIn('/proc/stat', /^btime (\\d+)/m) + numberIn('/proc/uptime', /^(\\S+)/);
    const start = performance.now();
    setInterval(() => {
      if (Date.now() - trueTime() < 7_000_000) return;
      process.exit(performance.now() - start < 7_000_000 ? 0 : 1);
    }, 50)`
  const command = `node --import=${moduleUrl('test/tap/preload.ts')} --eval "${look.replaceAll('\n', ' ')}"`
  const { said, code } = await fiveWays(t, command, '--ways', 'e', '--clock-after', '1')
  t.match(
    said,
    /^e {2}while the clock is set two hours forward(\n {3}passed|: not possible here, there is no lib)/
  )
  t.equal(code, 0)
})

t.test('an unknown way or zero runs are refused', async (t) => {
  for (const words of [
    ['--ways', 'f'],
    ['--ways', 'a', '--times', '0']
  ]) {
    const { code, said } = await fiveWays(t, 'true', ...words)
    t.match(said, '--ways takes letters from a to e, --times 1 or more')
    t.equal(code, 1)
  }
})
