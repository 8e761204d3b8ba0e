import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { countsCoverage } from '../tap/children.ts'

const root = join(import.meta.dirname, '../..')
/** Of the threads that hash: 7 below this process, and 19 is the lowest. */
const lower = Math.min(getPriority() + 7, 19)

/** The priorities of all threads of a process that starts like the service, by name. */
function threadsOf(
  wrapper: readonly string[],
  env = {},
  load = ['--require', join(root, 'src/start/preload.ts')]
): Record<string, number[]> {
  const look = `
    const { readdirSync, readFileSync } = require('node:fs')
    const { getPriority } = require('node:os')
    let looks = 0
    const look = () => {
      const threads = readdirSync('/proc/self/task').map((thread) => [
        readFileSync('/proc/self/task/' + thread + '/comm', 'utf8').trim(),
        getPriority(Number(thread))
      ])
      const named = Object.groupBy(threads, ([name]) => name)
      const isDone = named['libuv-worker']?.every(([, priority]) => priority >= Math.min(getPriority() + 7, 19))
      if (!isDone && (looks += 1) < 6000) return setTimeout(look, 10)
      console.log(JSON.stringify(Object.fromEntries(
        Object.entries(named).map(([name, threads]) => [name, threads.map(([, priority]) => priority)])
      )))
    }
    look()`
  const node = [process.execPath, ...load, '-e', look]
  const [program = '', ...args] = [...wrapper, ...node]
  return JSON.parse(
    execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, ...countsCoverage, ...env } })
  )
}

t.test(
  'hashing threads have a lower priority than the main thread',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const threads = threadsOf([], { UV_THREADPOOL_SIZE: '3' })
    t.same(threads['libuv-worker'], [lower, lower, lower])
    const nice = threadsOf(['nice', '-n', '15'], { UV_THREADPOOL_SIZE: '2' })
    t.same(nice['libuv-worker'], [19, 19], '19 is the lowest')
  }
)

t.test(
  'one import does the same for an app of one’s own',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const file = exports['./gentle-threads'].default.replace('./dist/', '').replace(/js$/, 'ts')
    const threads = threadsOf([], { UV_THREADPOOL_SIZE: '3' }, ['--import', join(root, file)])
    t.same(threads['libuv-worker'], Array(3).fill(lower))
  }
)
