import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { countsCoverage } from './children.ts'

const words = ['--print', 'process.env.NODE_OPTIONS']
const partOfTap = '@tapjs/processinfo'

t.test('a process started by a test loads nothing of tap and keeps its own options', async (t) => {
  const env = { ...process.env, NODE_OPTIONS: '--no-warnings' }
  for (const told of [
    execFileSync(process.execPath, words, { encoding: 'utf8', env }),
    (await promisify(execFile)(process.execPath, words, { env })).stdout
  ]) {
    t.match(told, '--no-warnings')
    t.notMatch(told, partOfTap)
  }
})

t.test('a process whose coverage is counted loads tap', async (t) => {
  const env = { ...process.env, ...countsCoverage }
  const told = execFileSync(process.execPath, words, { encoding: 'utf8', env })
  t.equal(told.includes(partOfTap), process.env._TAPJS_PROCESSINFO_COVERAGE_ === '1')
})
