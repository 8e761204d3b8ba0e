import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** What each process may call: waits until all others have come as far. */
const together = `const together = () => new Promise((go) => {
  process.once('message', go)
  process.send('here')
})`

/**
 * Runs one module in several processes of their own, all at the same moment: each loads `prepare` first,
 * waits for the others, then does `act`, in which `await together()` has them wait for each other again.
 * @returns what each wrote to standard output
 * @throws when one of them fails, with what it wrote to standard error
 */
export async function runAtOnce(
  count: number,
  { prepare, act }: { prepare: string; act: string }
): Promise<string[]> {
  const source = `${together}\n${prepare}\nawait together()\n${act}`
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc']
    })
  )
  haveThemWait(children)
  const outputs = children.map((child) => text(child.stdout!))
  const faults = children.map((child) => text(child.stderr!))
  const exits = children.map((child) => once(child, 'close'))
  // One that fails keeps the others waiting.
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

/** Lets all of them go on as soon as the last one says that it is here, again and again. */
function haveThemWait(children: readonly ChildProcess[]): void {
  let here = 0
  for (const child of children) {
    child.on('message', () => {
      here += 1
      if (here % children.length === 0) for (const each of children) each.send('go')
    })
  }
}

/** Never answers; rejects when the process fails. */
function failureOf(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => {
    child.once('exit', (code, signal) => {
      if (code !== 0) reject(new Error(`a process ended with ${code ?? signal}`))
    })
  })
}

/** How a module of this project is imported from anywhere. */
export function moduleUrl(path: string): string {
  return JSON.stringify(new URL(`../${path}`, import.meta.url).href)
}
