import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/**
 * Runs one module in several processes of their own, all at the same moment: each loads `prepare` first,
 * waits for the others, then does `act`.
 * @returns what each wrote to standard output
 * @throws when one of them fails, with what it wrote to standard error
 */
export async function runAtOnce(
  count: number,
  { prepare, act }: { prepare: string; act: string }
): Promise<string[]> {
  const source = `${prepare}\nprocess.stderr.write('ready')\nfor await (const _ of process.stdin);\n${act}`
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: 'pipe' })
  )
  const outputs = children.map((child) => text(child.stdout))
  await Promise.all(children.map((child) => once(child.stderr, 'data')))
  const faults = children.map((child) => text(child.stderr))
  const exits = children.map((child) => once(child, 'close'))
  for (const child of children) child.stdin.end()
  for (const [index, exit] of exits.entries()) {
    const [code] = await exit
    if (code !== 0) throw new Error(`process ${index} ended with ${code}: ${await faults[index]}`)
  }
  return Promise.all(outputs)
}

/** For `prepare`: a function that has several rounds begin at the same moment too: with the next half second. */
export const allAtOnce = `const allAtOnce = () => new Promise((go) => setTimeout(go, 500 - (Date.now() % 500)))`

/** How a module of this project is imported from anywhere. */
export function moduleUrl(path: string): string {
  return JSON.stringify(new URL(`../${path}`, import.meta.url).href)
}
