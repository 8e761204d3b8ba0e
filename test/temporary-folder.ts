import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
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
