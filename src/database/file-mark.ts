import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  openSync,
  readSync,
  statSync,
  writeSync
} from 'node:fs'

/** Created if it is not there, and never emptied: processes may start at once. */
const openForUpdate = constants.O_RDWR | constants.O_CREAT

/** Two processes write the mark without waiting for each other, each where its number belongs; the highest counts. */
const slots = 64
const slotBytes = 96
const slotPattern = /^(\d{1,15}) (\d+) (\d+) (\d+) *$/
const unknown = '0'

/** What the mark says: which file it belongs to, and the number of the last ending in it. */
export interface Marked {
  readonly ended: number
  readonly identity: Identity
}

/** A copy has another inode, or if it comes upon the same one, another time of birth. */
interface Identity {
  readonly inode: string
  /** In nanoseconds; 0: not known. */
  readonly bornAt: string
  /** Changes when some file systems are mounted anew, so it counts only where the time of birth is not known. */
  readonly device: string
}

/**
 * The mark lies beside the embedded database, in `<file>.mark`. It says how far the file had come when the last
 * ending was answered, so that an older copy put in its place is noticed at the start.
 *
 * It is not flushed to the disk: that would cost a sign-out as much again as its commit. After a power cut it may
 * be behind the file, never before it.
 */
export class FileMark {
  readonly #path: string
  readonly #identity: Identity
  readonly #descriptor: number
  #written = 0

  /**
   * Opens the mark of a database, and creates it if needed.
   * @throws {Error} when the file cannot be opened or created
   */
  constructor(database: string) {
    this.#path = markPath(database)
    this.#identity = identityOf(database)
    // Synchronous and kept open: it is written before an answer.
    this.#descriptor = openSync(this.#path, openForUpdate, 0o600)
  }

  /** @returns undefined if there is no mark, or none that can be read */
  read(): Marked | undefined {
    const text = Buffer.alloc(slots * slotBytes)
    const length = readSync(this.#descriptor, text, 0, text.length, 0)
    const lines = text.toString('latin1', 0, length).split('\n')
    const found = lines.flatMap((line) => {
      const [, ended, inode = '', bornAt = '', device] = slotPattern.exec(line) ?? []
      return device === undefined ? [] : [{ ended: Number(ended), identity: { inode, bornAt, device } }]
    })
    return found.sort((one, other) => other.ended - one.ended)[0]
  }

  /** Whether the mark was written for the file that is there now. */
  isOf({ identity }: Marked): boolean {
    const { inode, bornAt, device } = this.#identity
    const isSameBirth = identity.bornAt === unknown ? device === identity.device : bornAt === identity.bornAt
    return inode === identity.inode && isSameBirth
  }

  /** Notes an ending that is committed. @throws {Error} when the mark cannot be written */
  write(ended: number): void {
    if (ended <= this.#written) return
    this.#put(ended % slots, ended)
    this.#written = ended
  }

  /** Lets the mark say this alone. Only while no other process can write it. */
  reset(ended: number): void {
    for (let slot = 0; slot < slots; slot += 1) this.#put(slot, ended)
    this.#written = ended
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #put(slot: number, ended: number): void {
    const { inode, bornAt, device } = this.#identity
    const line = `${ended} ${inode} ${bornAt} ${device}`.padEnd(slotBytes - 1).concat('\n')
    writeSync(this.#descriptor, line, slot * slotBytes, 'latin1')
  }
}

export function markPath(database: string): string {
  return `${database}.mark`
}

function identityOf(file: string): Identity {
  const { ino, dev, birthtimeNs }: BigIntStats = statSync(file, { bigint: true })
  return { inode: `${ino}`, bornAt: isBirthKnown(file) ? `${birthtimeNs}` : unknown, device: `${dev}` }
}

/** Some systems say the time of the last change of the inode instead, or nothing. */
function isBirthKnown(file: string): boolean {
  const { birthtimeNs, ctimeNs, mode } = statSync(file, { bigint: true })
  if (birthtimeNs !== ctimeNs) return birthtimeNs > 0n
  try {
    chmodSync(file, Number(mode) & 0o7777)
  } catch {
    return false
  }
  const changed = statSync(file, { bigint: true })
  return changed.birthtimeNs === birthtimeNs && changed.ctimeNs !== ctimeNs
}
