import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** Ends by itself when whoever started it is gone, however that ended: its input ends then. */
const loop = `
  process.stdin.on('end', () => process.exit()).resume()
  const spin = () => {
    for (let n = 0; n < 1e7; n++);
    setImmediate(spin)
  }
  spin()`

/** Which cores this process may run on. Linux alone says so. */
export function allowedCores(): number[] {
  const [, list = '0'] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, n) => first + n)
  })
}

/** Does something while each of these cores is kept busy by a process that does nothing else. */
export async function withBusyLoops<T>(
  cores: readonly number[],
  act: (pids: readonly number[]) => Promise<T>
): Promise<T> {
  const loops = cores.map((core) =>
    spawn('taskset', ['-c', `${core}`, process.execPath, '--eval', loop], {
      stdio: ['pipe', 'ignore', 'ignore']
    })
  )
  const gone = loops.map((loop) => once(loop, 'exit'))
  try {
    await Promise.all(loops.map((loop) => once(loop, 'spawn')))
    return await act(loops.flatMap(({ pid = [] }) => pid))
  } finally {
    for (const loop of loops) loop.kill('SIGKILL')
    await Promise.all(gone)
  }
}
