import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const memory = '/dev/shm'
/** The most disk space that the tests need that installs packages. */
const needed = 3e9

/**
 * The folder for temporary files: in memory, if there is enough and programs may run there. Creating
 * thousands of small files of databases and packages costs a disk more than the tests themselves.
 */
export function temporaryFolder(): string {
  return process.env.TMPDIR === undefined && hasRoom() && runsPrograms() ? memory : tmpdir()
}

/**
 * A folder of this process's own in it, removed at its end. If the process is killed, the next one removes it: what lies
 * in memory would otherwise take it for ever. The name is short, because addresses of sockets are.
 */
export function ownTemporaryFolder(parent: string): string {
  for (const name of readdirSync(parent)) {
    const [, id] = /^lk-(\d+)-/.exec(name) ?? []
    if (id && hasEnded(Number(id))) tryToRemove(join(parent, name))
  }
  const own = mkdtempSync(join(parent, `lk-${process.pid}-`))
  process.once('exit', () => tryToRemove(own))
  // Servers in it run as other users.
  chmodSync(own, 0o711)
  return own
}

function tryToRemove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  } catch {
    // It is another user's.
  }
}

/** False for another user's process too. */
function hasEnded(id: number): boolean {
  try {
    process.kill(id, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memory)
    return Math.min(bavail * bsize, process.availableMemory() / 2) > needed
  } catch {
    return false
  }
}

function runsPrograms(): boolean {
  try {
    const folder = mkdtempSync(join(memory, 'latchkey-'))
    const program = join(folder, 'program')
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 })
    const { status } = spawnSync(program)
    rmSync(folder, { recursive: true })
    return status === 0
  } catch {
    return false
  }
}
