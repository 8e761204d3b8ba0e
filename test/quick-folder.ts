import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const memory = '/dev/shm'
/** What the tests that install packages have on disk at most. */
const needed = 3e9

/**
 * Where temporary files go: into memory, where there is enough and programs may be run from it. Databases and
 * packages are thousands of small files, and making these costs a disk's file system more than what is tested.
 */
export function quickFolder(): string {
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
