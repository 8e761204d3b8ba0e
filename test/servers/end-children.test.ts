import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { isThere } from '../processes.ts'
import { eventually } from './eventually.ts'

const watched = new URL('end-children.ts', import.meta.url)
const sleeper = (before = '') => `spawn('sh', ['-c', \`${before} sleep 600 & echo $!; wait\`], quiet)`

/** A process of that source, with `spawn` watched. It prints the ids of what it started, then what its children print. */
const run = (act: string): ChildProcess =>
  spawn(process.execPath, ['--input-type=module', '--eval', `${source}\n${act}`], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
const source = `import ${JSON.stringify(watched)}
import { once } from 'node:events'
import { spawn } from 'node:child_process'
const quiet = { stdio: ['ignore', 'pipe', 'ignore'] }
async function told(child) {
  const [line] = await once(child.stdout, 'data')
  return [child.pid, Number(line)]
}`

t.test('what a killed process started ends, and what that started, though it does not want to', async (t) => {
  const child = run(`const children = [${sleeper()}, ${sleeper("trap '' TERM;")}, ${sleeper()}]
    const ids = await Promise.all(children.map(told))
    children[2].kill('SIGSTOP')
    console.log(JSON.stringify(ids.flat()))
    process.kill(process.pid, 'SIGKILL')`)
  const ids: number[] = JSON.parse(await text(child.stdout!))
  t.equal(ids.length, 6)
  await eventually('the end of all', () => !ids.some(isThere))
})

t.test('watching keeps no process alive', async (t) => {
  const child = run(`const child = spawn('true')
    await once(child, 'exit')
    console.log(child.pid)`)
  const [id] = await Promise.all([text(child.stdout!), once(child, 'exit')])
  t.notOk(isThere(Number(id)))
})
