import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { isThere, moduleUrl } from '../processes.ts'
import { eventually } from '../servers/eventually.ts'
import { allowedCores, withBusyLoops } from './busy-loops.ts'

const [core = 0] = process.platform === 'linux' ? allowedCores() : []
const options = { skip: process.platform !== 'linux' && 'taskset is of Linux' }

t.test('busy loops run during the work, on the named cores, and are gone afterwards', options, async (t) => {
  const pids = await withBusyLoops([core, core], async (pids) => {
    t.equal(pids.length, 2)
    for (const pid of pids) {
      await eventually('a loop to compute', async () => ticksOf(pid) > 0)
      t.match(readFileSync(`/proc/${pid}/status`, 'utf8'), `\nCpus_allowed_list:\t${core}\n`)
    }
    return pids
  })
  for (const pid of pids) t.notOk(isThere(pid))
})

t.test('busy loops are gone after a failure', options, async (t) => {
  let pids: readonly number[] = []
  const failing = withBusyLoops([core], async (started) => {
    pids = started
    throw new Error('it failed')
  })
  await t.rejects(failing, { message: 'it failed' })
  t.equal(pids.length, 1)
  for (const pid of pids) t.notOk(isThere(pid))
})

t.test('busy loops end by themselves if their parent is killed', options, async (t) => {
  const source = `
    import { withBusyLoops } from ${moduleUrl('test/five-ways/busy-loops.ts')}
    await withBusyLoops([${core}], async ([pid]) => {
      console.log(pid)
      await new Promise((resolve) => setTimeout(resolve, 600_000))
    })`
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', source])
  const [chunk] = await once(starter.stdout, 'data')
  const pid = Number(chunk)
  t.ok(isThere(pid))
  starter.kill('SIGKILL')
  await eventually('the loop to end', async () => !isThere(pid))
})

/** CPU time used so far. */
function ticksOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[13])
}
