// group: real-processes
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { alice } from '../build.ts'
import { eventually } from '../servers/eventually.ts'
import { startService } from '../servers/service.ts'

const root = join(import.meta.dirname, '../..')
const readJson = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))

/*
 * Whoever runs this has just typed `npm ci`, as `.ci/run` does in a fresh clone. Installing everything once
 * more costs as much as a tenth of all tests, so they share the packages, which must be those of `npm ci`.
 */
t.test('what is installed is what npm ci installs', async (t) => {
  type Packages = Record<string, { version?: string; integrity?: string; optional?: boolean }>
  const locked: Packages = readJson('package-lock.json').packages
  const installed: Packages = readJson('node_modules/.package-lock.json').packages
  for (const [path, { version, integrity }] of Object.entries(installed))
    t.match(locked[path], { version, integrity }, path)
  const missing = Object.entries(locked).filter(
    ([path, { optional }]) => path && !optional && !(path in installed)
  )
  t.same(missing, [])
})

t.test('in a fresh copy without any preparation', async (t) => {
  const copy = mkdtempSync(join(tmpdir(), 'latchkey-fresh-'))
  t.teardown(() => rmSync(copy, { recursive: true, force: true }))
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8'
  })
  for (const file of listed.trim().split('\n')) cpSync(join(root, file), join(copy, file))
  const [, command = ''] = /```sh\n(.+)\n/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
  t.equal(command, 'npm ci && npm start')
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))

  const service = await startService(t, {
    command: command.replace('npm ci && ', ''),
    folder: copy
  })

  const greeting = `No account yet: create the first one, the administrator’s, at ${service.url}/register?code=`
  await eventually(greeting, async () => service.output().includes(greeting))
  const post = (path: string, headers: Record<string, string> = {}) =>
    fetch(service.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(alice)
    })
  t.equal((await post('/register')).status, 201)
  const signedIn = await post('/login')
  t.same(await signedIn.json(), { user: 'alice' })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const dashboard = await fetch(`${service.url}/dashboard`, { headers: { cookie } })
  t.same(await dashboard.json(), { user: 'alice' })
  await service.stop()
  t.notMatch(service.output(), /error/i, 'Ctrl-C ends it cleanly')
})
