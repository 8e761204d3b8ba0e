import { spawnSync } from 'node:child_process'
import t from 'tap'

const source = (act: string) =>
  `import { endWhatIsLeftOpen } from '${new URL('left-open.ts', import.meta.url)}'; ${act}; endWhatIsLeftOpen(100)`

function run(act: string) {
  const words = ['--input-type=module', '--eval', source(act)]
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  return { status, stderr: stderr.trim() }
}

t.test('a process ends that something keeps after its tests, and says what', async (t) => {
  const act = "import { createServer } from 'node:net'; createServer().listen(0)"
  t.same(run(act), { status: 1, stderr: 'A test left something open: TCPServerWrap' })
})

t.test('one that nothing keeps ends as it does', async (t) => {
  t.same(run('process.exitCode = 0'), { status: 0, stderr: '' })
})
