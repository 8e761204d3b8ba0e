import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A folder whose disk can be made to refuse writes and to accept them again. */
export interface FickleDisk {
  readonly folder: string
  refuse(): void
  relent(): void
}

export interface WayToRefuse {
  readonly title: string
  /** Whether it is possible on this machine for this user. */
  readonly isPossible: boolean
  prepare(t: Test): Promise<FickleDisk>
}

/** On a disk: in memory, the flag of a file does not affect whoever has it open. */
const lastingFolder = '/var/tmp'

/** The first way works everywhere; the others need root, outside a container that forbids them. */
export const waysToRefuse: readonly WayToRefuse[] = [
  { title: 'a disk that refuses every write', isPossible: true, prepare: limited },
  { title: 'a full disk', isPossible: isMountable(), prepare: full },
  { title: 'a file that became read-only', isPossible: isFlaggable(), prepare: immutable }
]

/** Limits the file size of this process to one byte. */
async function limited(t: Test): Promise<FickleDisk> {
  const limit = (soft: string) =>
    void execFileSync('prlimit', ['--pid', `${process.pid}`, `--fsize=${soft}:unlimited`])
  const relent = () => limit('unlimited')
  // Node ignores the signal that comes with it, but tap would end the test.
  const ignore = () => {}
  process.on('SIGXFSZ', ignore)
  t.teardown(() => {
    relent()
    process.off('SIGXFSZ', ignore)
  })
  return { folder: await ownFolder(t), refuse: () => limit('1'), relent }
}

/** A disk of 4 megabytes: the database, its log and its index need one. */
async function full(t: Test): Promise<FickleDisk> {
  const folder = await ownFolder(t)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder])
  // Lazily, because the service is closed after this.
  t.teardown(() => execFileSync('umount', ['--lazy', folder]))
  const filler = join(folder, 'filler')
  return { folder, refuse: () => fill(filler), relent: () => rmSync(filler) }
}

function fill(file: string): void {
  try {
    for (;;) appendFileSync(file, Buffer.alloc(4096))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}

/** Not its `-shm`, which is shared memory: no disk refuses that. */
async function immutable(t: Test): Promise<FickleDisk> {
  const folder = await ownFolder(t, lastingFolder)
  const files = ['latchkey.db', 'latchkey.db-wal'].map((name) => join(folder, name))
  // The second file is removed when the database is closed.
  const flag = (change: '+i' | '-i') => void execFileSync('chattr', [change, ...files.filter(existsSync)])
  t.teardown(() => flag('-i'))
  return { folder, refuse: () => flag('+i'), relent: () => flag('-i') }
}

async function ownFolder(t: Test, parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, 'latchkey-disk-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function isMountable(): boolean {
  return tries('d=$(mktemp -d) && mount -t tmpfs tmpfs $d && umount $d; s=$?; rmdir $d; exit $s')
}

/** Writes to a file that was opened before. */
function isFlaggable(): boolean {
  const script = `f=$(mktemp -p ${lastingFolder}) && exec 3>$f && chattr +i $f && ! echo >&3; s=$?; chattr -i $f; rm $f; exit $s`
  return tries(script)
}

function tries(script: string): boolean {
  return spawnSync('sh', ['-c', script], { stdio: 'ignore' }).status === 0
}
