import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'

/** For each process: waits until all others have come as far. It ends with the test's process, however that ends. */
const together = `const together = () => new Promise((go) => {
  process.once('message', go)
  process.send('here')
})
const end = () => process.kill(process.pid, 'SIGKILL')
process.once('disconnect', end)`
/** Without a listener the channel keeps no process alive. */
const done = "process.off('disconnect', end)"

/**
 * Runs a module in several processes at the same moment: each loads `prepare`, waits for the others, then
 * runs `act`, in which `await together()` waits for the others again.
 * @returns the standard output of each
 * @throws when one of them fails, with its standard error
 */
export async function runAtOnce(
  count: number,
  { prepare, act }: { prepare: string; act: string }
): Promise<string[]> {
  const source = `${together}\n${prepare}\nawait together()\n${act}\n${done}`
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc']
    })
  )
  haveThemWait(children)
  const outputs = children.map((child) => text(child.stdout!))
  const faults = children.map((child) => text(child.stderr!))
  const exits = children.map((child) => once(child, 'close'))
  // If one fails, the others would wait for ever.
  const failure = Promise.race(children.map((child) => failureOf(child)))
  try {
    await Promise.race([Promise.all(exits), failure])
  } catch (error) {
    for (const child of children) child.kill()
    await Promise.all(exits)
    throw new Error(`${error}: ${(await Promise.all(faults)).join('\n')}`)
  }
  return Promise.all(outputs)
}

/** Lets all continue when the last one has arrived, again and again. */
function haveThemWait(children: readonly ChildProcess[]): void {
  let here = 0
  for (const child of children) {
    child.on('message', () => {
      here += 1
      if (here % children.length === 0) for (const each of children) each.send('go')
    })
  }
}

/** Rejects when the process fails; never resolves. */
function failureOf(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => {
    child.once('exit', (code, signal) => {
      if (code !== 0) reject(new Error(`a process ended with ${code ?? signal}`))
    })
  })
}

/** The URL of a module of this project, for import from anywhere. */
export function moduleUrl(path: string): string {
  return JSON.stringify(new URL(`../${path}`, import.meta.url).href)
}

/** Whether the process runs. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // One that has ended may still be listed, if nobody asked how.
    return process.platform !== 'linux' || !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
