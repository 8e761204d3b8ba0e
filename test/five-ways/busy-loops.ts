import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** Ends when its parent does, because then its input ends. */
const loop = `
  process.stdin.on('end', () => process.exit()).resume()
  const spin = () => {
    for (let n = 0; n < 1e7; n++);
    setImmediate(spin)
  }
  spin()`

/** The number of cores for this process. Only Linux tells. */
export function allowedCores(): number[] {
  const [, list = '0'] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, n) => first + n)
  })
}

/** Runs something while a busy loop occupies each of these cores. */
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
