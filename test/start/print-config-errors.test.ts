import { spawnSync } from 'node:child_process'
import t from 'tap'
import { moduleUrl } from '../processes.ts'
import { countsCoverage } from '../tap/children.ts'

/** The output and exit code of a process that does not handle such an error. */
function letFall(error: string) {
  const source = `import { ConfigError } from ${moduleUrl('src/errors/errors.ts')}
    import ${moduleUrl('src/start/print-config-errors.ts')}
    Promise.reject(${error})`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
    env: { ...process.env, ...countsCoverage }
  })
  return { status, stderr }
}

t.test('wrong settings print their sentences and nothing else', async (t) => {
  t.same(letFall("new ConfigError(['PORT is odd'])"), {
    status: 1,
    stderr: 'Latchkey cannot run with these settings:\n  - PORT is odd\n'
  })
})

t.test('any other error prints its stack trace', async (t) => {
  t.match(letFall("new Error('odd')"), { status: 1, stderr: /Error: odd\n +at / })
})
