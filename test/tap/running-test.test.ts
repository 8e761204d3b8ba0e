import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { Domain } from './running-test.ts'

const root = join(import.meta.dirname, '../..')
const program = `
import t from 'tap'
t.test('before', async (t) => { t.pass() })
t.test('outer', async (t) => {
  await t.test('throws', async () => {
    setTimeout(() => { throw new Error('thrown later') })
    await new Promise(() => {})
  })
  await t.test('rejects', async () => {
    Promise.reject(new Error('rejected'))
    await new Promise(() => {})
  })
})
t.test('listens', async (t) => {
  const listened = new Promise((resolve) => process.once('uncaughtException', resolve))
  setTimeout(() => { throw new Error('expected') })
  t.match(await listened, { message: 'expected' })
})
`

t.test('an uncaught error fails the running test, and later tests still run', (t) => {
  const words = ['--import=./test/tap/preload.ts', '--input-type=module', '--eval', program]
  const { status, stdout } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' })
  t.equal(status, 1)
  t.same(stdout.match(/(?<=^ *)(not )?ok \d+ - .*?(?=( # time.*)?$)/gm), [
    'ok 1 - (unnamed test)',
    'ok 1 - before',
    'not ok 1 - thrown later',
    'not ok 1 - throws',
    'not ok 1 - rejected',
    'not ok 2 - rejects',
    'not ok 2 - outer',
    'ok 1 - should match pattern',
    'ok 3 - listens'
  ])
  t.end()
})

t.test('no promise is followed to find it', async (t) => {
  t.ok(t.hookDomain instanceof Domain)
})
