import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'

const microsecondsPerTick = 10_000

/** The process that has started all others of the server. */
export async function postgresProcess(url: string): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  const { pid } = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0]
  const { parent } = statOf(pid)
  await client.end()
  return parent
}

/** Microseconds of a process and its children, those that have ended included. */
export function cpuOf(parent: number): number {
  const processes = readdirSync('/proc').map(Number).filter(Boolean)
  const own = processes.filter((pid) => pid === parent || statOf(pid).parent === parent)
  const ticks = statOf(parent).ended
  return own.reduce((sum, pid) => sum + cpuOfOne(pid), ticks * microsecondsPerTick)
}

function cpuOfOne(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1000
  } catch {
    return 0
  }
}

/** @returns its parent, and the ticks of CPU of its children that have ended */
function statOf(pid: number): { parent: number; ended: number } {
  try {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
    const [, parent, ...more] = fields.split(' ').map(Number)
    return { parent: parent ?? 0, ended: (more[11] ?? 0) + (more[12] ?? 0) }
  } catch {
    return { parent: 0, ended: 0 }
  }
}
