/**
 * What somebody does first, on any system: types the README's first command into a shell in this folder, sees that
 * it answers at /health/live, and presses Ctrl-C. It needs nothing that is installed.
 *
 *     node .ci/first-command.ts [COMMAND]
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

const isWindows = process.platform === 'win32'
const [command = firstCommand()] = process.argv.slice(2)

console.log(`$ ${command}`)
// In a group of its own, which is what a terminal sends Ctrl-C to.
const child = spawn(command, { shell: true, detached: !isWindows, stdio: ['ignore', 'pipe', 'inherit'] })
// Not before everything that it started has let go of its output.
const ended = once(child, 'close')

const url = await Promise.race([addressOf(child), ended.then(endedEarly)])
try {
  const { status } = await fetch(`${url}/health/live`)
  if (status !== 200) throw new Error(`${url}/health/live answered ${status}`)
} finally {
  stop(child)
  await ended
}
if (await answers(url)) throw new Error(`${url} still answers`)
console.log(`${url}/health/live answered 200, and the service has stopped`)

/** The first block of code in README.md. */
function firstCommand(): string {
  const [, line] = /^```sh\r?\n(.+?)\r?\n```/m.exec(readFileSync('README.md', 'utf8')) ?? []
  if (line === undefined) throw new Error('README.md begins with no command')
  return line
}

/** Where it says it is to be found, among all it prints. */
function addressOf({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let output = ''
    stdout?.on('data', (chunk) => {
      process.stdout.write(chunk)
      output += chunk
      const [, url] = /Latchkey is ready at (\S+?)["\s]/.exec(output) ?? []
      if (url) resolve(url)
    })
  })
}

function endedEarly([code]: unknown[]): never {
  throw new Error(`It ended with ${code} before it was ready`)
}

/** Ctrl-C, or on Windows, where no process can send that to another, an end without farewell. */
function stop({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  if (isWindows) spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'])
  else process.kill(-pid, 'SIGINT')
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false
  )
}
