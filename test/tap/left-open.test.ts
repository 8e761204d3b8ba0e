import { spawnSync } from 'node:child_process'
import t from 'tap'

const short = '{ teardowns: 200, rest: 100 }'

const source = (act: string, patience: string) => `
import t from 'tap'
import { createServer } from 'node:net'
import { endWhatIsLeftOpen } from '${new URL('left-open.ts', import.meta.url)}'
endWhatIsLeftOpen(t, ${patience})
t.test('a test', async (t) => t.pass())
${act}`

/** @param patience undefined for the one that tests have */
function run(act: string, patience = 'undefined') {
  const words = ['--input-type=module', '--eval', source(act, patience)]
  const { status, stderr } = spawnSync(process.execPath, words, {
    cwd: import.meta.dirname,
    encoding: 'utf8'
  })
  return { status, stderr: stderr.trim() }
}

t.test('a process ends that something keeps after its tests, and says what', async (t) => {
  t.match(run('createServer().listen(0)', short), {
    status: 1,
    stderr: /^A test left something open: .*TCPServerWrap$/
  })
})

t.test('one that a teardown cannot close says why', async (t) => {
  const act = `const server = createServer().listen(0)
    t.teardown(() => server.close())
    t.teardown(() => { throw new Error('This teardown fails') })`
  t.match(run(act, short), {
    status: 1,
    stderr: /This teardown fails[\s\S]+A test left something open: .*TCPServerWrap$/
  })
})

t.test('one that nothing keeps ends as it does', async (t) => {
  t.same(run(''), { status: 0, stderr: '' })
  t.same(run('const server = createServer().listen(0); t.teardown(() => server.close())'), {
    status: 0,
    stderr: ''
  })
})
