import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import type { Test } from 'tap'
import './end-children.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { postgresProgram } from './postgres-programs.ts'
import { onTrueClock } from './true-clock.ts'

export interface PostgresServer {
  /** A new empty database on this server. */
  newDatabase(): Promise<string>
  /** The URL of a database with this name, which is not created. */
  urlOf(database: string): string
  readonly port: number
  /** The folder of its Unix socket. */
  readonly folder: string
  /** Runs SQL as the superuser, by default in an unused database. */
  run(sql: string, url?: string): Promise<void>
  /** Stops it at once, as in a crash. Acknowledged writes are there after a restart. */
  stop(): Promise<void>
  /** Restarts it on the same port with the same data. */
  start(): Promise<void>
  /** Keeps connections open, accepts new ones and answers none, until `resume`. */
  pause(): Promise<void>
  resume(): void
}

const superuser = 'postgres'
const password = 'not a secret'

/** A PostgreSQL on a free port with its own folder, removed when the test ends. */
export async function startPostgres(t: Test): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  const port = await freePort()
  const owner = notRoot()
  makeCluster(folder, owner)
  const urlOf = (database: string) =>
    `postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`

  let child: ChildProcess | undefined
  let paused: number[] = []
  const start = async () => {
    child = spawn(program('postgres'), settings(port, folder), {
      ...owner,
      cwd: folder,
      env: onTrueClock(),
      stdio: 'ignore'
    })
    await answering(child, urlOf('postgres'))
  }
  const resume = () => {
    signalAll(paused, 'SIGCONT')
    paused = []
  }
  const stop = async () => {
    resume()
    if (child && child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit')
      // Immediate shutdown: it ends its processes without a checkpoint, and recovers at the next start.
      child.kill('SIGQUIT')
      await exit
    }
  }
  const pause = async () => {
    // Each connection has a process.
    const pids = await query(
      urlOf('postgres'),
      'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()'
    )
    paused = [...(child?.pid ? [child.pid] : []), ...pids.map(({ pid }) => Number(pid))]
    signalAll(paused, 'SIGSTOP')
  }
  t.teardown(async () => {
    await stop()
    await rm(folder, { recursive: true, force: true })
  })

  await start()
  let databases = 0
  const newDatabase = async () => {
    databases += 1
    await query(urlOf('postgres'), `CREATE DATABASE test${databases}`)
    return urlOf(`test${databases}`)
  }
  const run = async (sql: string, url = urlOf('postgres')) => void (await query(url, sql))
  return { newDatabase, urlOf, port, folder, run, stop, start, pause, resume }
}

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

/** PostgreSQL and PgBouncer refuse to run as root. */
export function notRoot(): Owner {
  if (process.getuid?.() !== 0) return {}
  const id = (option: string) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** A copy of a cluster that is made once for all tests and runs: initdb takes longer than most of them. */
function makeCluster(folder: string, owner: Owner): void {
  const original = originalCluster(owner)
  execFileSync('cp', ['-Rp', join(original, 'data'), join(folder, 'data')])
  chownSync(folder, owner.uid ?? -1, owner.gid ?? -1)
}

/** Nobody sees half a cluster: it gets its name when it is complete. */
function originalCluster(owner: Owner): string {
  const [version] = /[\d.]+/.exec(execFileSync(program('initdb'), ['--version'], { encoding: 'utf8' })) ?? []
  const cluster = join(import.meta.dirname, `../../.tap/postgres-${version}`)
  if (existsSync(cluster)) return cluster
  mkdirSync(dirname(cluster), { recursive: true })
  const made = mkdtempSync(join(tmpdir(), 'latchkey-initdb-'))
  const ready = `${cluster}.${process.pid}`
  try {
    initialize(made, owner)
    execFileSync('cp', ['-Rp', made, ready])
    renameSync(ready, cluster)
  } catch (error) {
    // Another process was first.
    if (!existsSync(cluster)) throw error
  } finally {
    for (const path of [made, ready]) rmSync(path, { recursive: true, force: true })
  }
  return cluster
}

function initialize(folder: string, owner: Owner): void {
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password)
  for (const path of [folder, passwordFile]) chownSync(path, owner.uid ?? -1, owner.gid ?? -1)
  const access = ['--auth=scram-sha-256', `--username=${superuser}`, `--pwfile=${passwordFile}`]
  const words = [
    '-D',
    join(folder, 'data'),
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
    '--wal-segsize=1',
    ...access
  ]
  execFileSync(program('initdb'), words, { ...owner, cwd: folder, env: onTrueClock(), stdio: 'pipe' })
}

function program(name: string): string {
  const file = postgresProgram(name)
  if (!file) throw new Error(`No ${name} of PostgreSQL here: "npm test" installs it or says how.`)
  return file
}

function settings(port: number, folder: string): string[] {
  const options = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'shared_buffers=16MB'
  ]
  return ['-D', join(folder, 'data'), '-p', `${port}`, ...options.flatMap((option) => ['-c', option])]
}

/** Waits until this process answers: without its port it exits instead. */
async function answering(child: ChildProcess, url: string): Promise<void> {
  const failed = once(child, 'exit').then(() => {
    throw new Error('postgres ended before it answered')
  })
  await Promise.race([eventually('postgres', () => query(url, 'SELECT 1')), failed])
  // From here on its exit is expected.
  failed.catch(() => {})
}

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** A connection may have ended since it was listed. */
function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}
