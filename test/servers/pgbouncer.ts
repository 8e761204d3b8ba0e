import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import pg from 'pg'
import type { Test } from 'tap'
import './end-children.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { notRoot, type PostgresServer } from './postgres.ts'
import { onTrueClock } from './true-clock.ts'

/** A PgBouncer in front of a PostgreSQL. */
export interface PgBouncer {
  /** @param database as PgBouncer names it */
  urlOf(database: string, user?: string): string
}

const user = 'me:bouncer'

/**
 * A PgBouncer in transaction mode on a free port, which lends two connections. Stopped when the test ends.
 * @param databases by their names; each with the end of its address in PostgreSQL
 * @param more lines for its section
 */
export async function startPgBouncer(
  t: Test,
  databases: Readonly<Record<string, string>>,
  ...more: string[]
): Promise<PgBouncer> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-pgbouncer-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  const [name, password] = user.split(':')
  writeFileSync(join(folder, 'users'), `"${name}" "${password}"\n`)
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    [
      '[databases]',
      ...Object.entries(databases).map((entry) => entry.join(' = ')),
      '[pgbouncer]',
      `listen_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =`,
      `auth_type = scram-sha-256\nauth_file = ${join(folder, 'users')}`,
      'pool_mode = transaction\ndefault_pool_size = 2\nserver_login_retry = 1',
      ...more
    ].join('\n')
  )
  chmodSync(folder, 0o755)
  const child = spawn('pgbouncer', ['-q', join(folder, 'pgbouncer.ini')], {
    ...notRoot(),
    cwd: folder,
    env: { ...onTrueClock(), PATH: `${process.env.PATH}${delimiter}/usr/sbin` },
    stdio: 'ignore'
  })
  t.teardown(() => stopped(child))
  const urlOf: PgBouncer['urlOf'] = (database, who = user) =>
    `postgres://${who}@127.0.0.1:${port}/${database}`
  const [first = ''] = Object.keys(databases)
  await eventually('pgbouncer', () => answers(urlOf(first)))
  return { urlOf }
}

/** For `startPgBouncer`: a database of this server, with these words more. */
export function databaseAt({ port, urlOf }: PostgresServer, name: string, more = ''): string {
  const { username, password } = new URL(urlOf(name))
  const known = `host=127.0.0.1 port=${port} dbname=${name} user=${username}`
  return `${known} password='${decodeURIComponent(password)}' ${more}`
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString })
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end()
  }
}
