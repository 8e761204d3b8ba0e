import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { bareEnvironment } from '../servers/service.ts'

const root = join(import.meta.dirname, '../..')
const program = join(root, '.ci/first-command.ts')

/** The output and exit code of a command. */
async function outcomeOf(t: Test, command: string) {
  const DATABASE_URL = `file:${t.testdir()}/latchkey.db`
  const env = { ...bareEnvironment(), PORT: '0', DATABASE_URL }
  const child = spawn(process.execPath, [program, command], { cwd: root, env })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { out, err, code }
}

t.test('the service answers at /health/live and is stopped', async (t) => {
  const { out, code } = await outcomeOf(t, 'npm start')
  t.match(out, /^http:\/\/localhost:\d+\/health\/live answered 200, and the service has stopped$/m)
  t.equal(code, 0)
})

t.test('a command that ends before it is ready has failed', async (t) => {
  const { err, code } = await outcomeOf(t, 'echo no && exit 3')
  t.match(err, 'It ended with 3 before it was ready')
  t.equal(code, 1)
})

t.test('a command that answers with another status has failed, and is stopped too', async (t) => {
  const server = `
    const server = http.createServer((_, response) => response.writeHead(503).end());
    server.listen(0, () => console.log('Latchkey is ready at http://localhost:' + server.address().port))`
  const command = `"${process.execPath}" --eval "${server.replaceAll('\n', ' ')}"`
  const { err, code } = await outcomeOf(t, command)
  t.match(err, /health\/live answered 503/)
  t.equal(code, 1)
})

t.test('the scripts that developers run work in any shell', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const byNpm = ['install', 'prepare', 'start', 'build', 'prepack', 'dev', 'seed']
  const all = byNpm.flatMap((name) => [`pre${name}`, name, `post${name}`]).filter((name) => name in scripts)
  t.ok(['start', 'build', 'dev'].every((name) => all.includes(name)))
  for (const name of all) t.equal(forOneShellAlone(scripts[name]), undefined, `${name}: ${scripts[name]}`)

  for (const posix of ['A=1 node x', 'node $PWD/x', "node 'x'", 'node x; node y', 'node x &', 'rm -rf dist'])
    t.ok(forOneShellAlone(posix), posix)
  t.notOk(forOneShellAlone(`node --eval "fs.rmSync('dist')" && tsc`))
})

t.test('no file path is taken from URL.pathname, which begins with a slash on Windows', async (t) => {
  for (const folder of ['src', 'plugins', 'routes', 'bin', '.ci'])
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.[jt]s$/.test(file)) continue
      const code = readFileSync(join(root, folder, file), 'utf8')
      t.notMatch(code, /import\.meta\.(url|resolve\([^)]*\))\)?\.pathname/, file)
      // A drive letter looks like the scheme of a URL.
      t.notMatch(code, /\bimport\((?!'|pathToFileURL\(|.*\.href\b)/, file)
    }
})

/**
 * Parts of a script that cmd.exe or sh does not understand, or understands differently; both know double
 * quotes and `&&`.
 */
function forOneShellAlone(script: string): string | undefined {
  const [, quoted = ''] = /"([^"]*)"/.exec(script) ?? []
  const bare = script.replace(/"[^"]*"/g, '')
  const commands = bare.split('&&').map((command) => command.trim().split(' ')[0] ?? '')
  return (
    /[$`%\\]/.exec(quoted)?.[0] ??
    /['$`%\\;|<>*?^()]|(?<!&)&(?!&)/.exec(bare)?.[0] ??
    commands.find((command) => /=|^(rm|cp|mv|mkdir|cat|test|env|export|sh|bash)$/.test(command))
  )
}
