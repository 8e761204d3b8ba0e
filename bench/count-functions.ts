import { mkdtempSync, rmSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { mock } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import Fastify, { type InjectOptions } from 'fastify'
import { serverOptions } from '../src/server/server-options.ts'
import { readConfig } from '../src/settings/config.ts'

// Counts the functions of Latchkey that a request passes: those in src/, plugins/ and routes/ that run at least once
// between its start and its end, after warming up, with the embedded database.
//   node bench/count-functions.ts: how many, and by file
//   node bench/count-functions.ts --list: with their names
//   node bench/count-functions.ts --json: all of that for a program
const root = join(import.meta.dirname, '..')
const folders = ['src', 'plugins', 'routes']
/** The session's own, without the hooks of each request. */
const ofSessions = [
  'src/sessions/',
  'plugins/session/sent-cookie.ts',
  'plugins/session/session-data.ts',
  'plugins/session/request-session.ts'
]
const password = 'correct horse battery'
const warmUps = 20
/** What happens now and then, such as a question that is asked once a second, is in few of them. */
const rounds = 5

const { values: wanted } = parseArgs({ options: { list: { type: 'boolean' }, json: { type: 'boolean' } } })
const folder = mkdtempSync(join(tmpdir(), 'latchkey-count-functions-'))
const config = readConfig({
  DATABASE_URL: `file:${folder}/latchkey.db`,
  SESSION_SECRET: 'x'.repeat(32),
  REGISTRATION: 'open'
})
process.env.SESSION_SECRET ??= 'x'.repeat(32)
// What is done now and then belongs to no request: on a busy machine it would happen during each.
mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
const { default: latchkey } = await import('../src/app.ts')
// Cheap hashes: they run outside of what is counted.
const passwordHash = { memoryKiB: 64, passes: 1, lanes: 1 }
const app = Fastify({ ...serverOptions(config), logger: { level: 'warn' } })
await app.register(latchkey, { config: { ...config, passwordHash } })
await app.latchkey.accounts.add({ username: 'alice', password })

const inspector = new Session()
inspector.connect()
await inspector.post('Profiler.enable')
await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const signIn: InjectOptions = {
  method: 'POST',
  url: '/login',
  headers: { accept: 'text/html', ...form },
  payload: `username=alice&password=${encodeURIComponent(password)}`
}
const { cookies } = await app.inject(signIn)
const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
const requests: Readonly<Record<string, readonly [InjectOptions, status: number]>> = {
  'GET /dashboard': [{ method: 'GET', url: '/dashboard', headers: { accept: 'text/html', cookie } }, 200],
  'POST /login': [signIn, 303]
}
const counted: Record<string, Passed> = {}
for (const [name, request] of Object.entries(requests)) counted[name] = await count(...request)

await app.close()
inspector.disconnect()
rmSync(folder, { recursive: true })
if (wanted.json) printJson(counted)
else for (const [name, passed] of Object.entries(counted)) print(name, passed)

/** The names of the functions that ran, by file. */
type Passed = Readonly<Record<string, readonly string[]>>

async function count(request: InjectOptions, status: number): Promise<Passed> {
  for (let visit = 0; visit < warmUps; visit += 1) await visitOnce(request, status)
  let fewest: Passed | undefined
  for (let round = 0; round < rounds; round += 1) {
    await inspector.post('Profiler.takePreciseCoverage')
    await visitOnce(request, status)
    const passed = await passedFunctions()
    if (!fewest || sizeOf(passed) < sizeOf(fewest)) fewest = passed
  }
  return fewest ?? {}
}

async function visitOnce(request: InjectOptions, status: number): Promise<void> {
  const { statusCode } = await app.inject(request)
  if (statusCode !== status) throw new Error(`${request.url} answered ${statusCode}`)
}

async function passedFunctions(): Promise<Passed> {
  const { result } = await inspector.post('Profiler.takePreciseCoverage')
  const passed: Record<string, string[]> = {}
  for (const { url, functions } of result) {
    const file = fileOf(url)
    if (!folders.includes(file.split('/')[0] ?? '')) continue
    const ran = functions.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0)
    if (ran.length > 0) passed[file] = ran.map(({ functionName }) => functionName || '(anonymous)')
  }
  return passed
}

function fileOf(url: string): string {
  return url.startsWith('file:') ? relative(root, fileURLToPath(url)).split(sep).join('/') : ''
}

function sizeOf(passed: Passed): number {
  return Object.values(passed).flat().length
}

function sessionsIn(passed: Passed): number {
  const own = Object.entries(passed).filter(([file]) => ofSessions.some((start) => file.startsWith(start)))
  return sizeOf(Object.fromEntries(own))
}

function printJson(counted: Readonly<Record<string, Passed>>): void {
  const sums = Object.entries(counted).map(([name, files]) => [
    name,
    { passed: sizeOf(files), ofSessions: sessionsIn(files), files }
  ])
  console.log(JSON.stringify(Object.fromEntries(sums)))
}

function print(name: string, passed: Passed): void {
  const files = Object.entries(passed).toSorted(([one], [other]) => one.localeCompare(other, 'en'))
  const count = `${sizeOf(passed)} functions in ${files.length} files`
  console.log(`${name}: ${count}, ${sessionsIn(passed)} of them the session's`)
  for (const [file, names] of files)
    console.log(`  ${names.length} ${file}${wanted.list ? `: ${names.join(', ')}` : ''}`)
}
