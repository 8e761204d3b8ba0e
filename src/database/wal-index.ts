import { readdirSync, readlinkSync, readSync, realpathSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

/** Of the header, which every commit changes: a counter, the end of the log, checksums, salts. */
const headerWords = 12

/**
 * The header of the index of the write-ahead log (the first 48 bytes of the -shm file), which SQLite rewrites at
 * each commit before the commit is acknowledged to anybody: https://sqlite.org/walformat.html. Reading it costs a
 * third of asking SQLite.
 *
 * It is read through the descriptor that SQLite itself holds. One of our own could not be closed: that would
 * release SQLite's locks on the file (POSIX). So it exists where /proc tells the descriptor, on Linux; only there
 * is it known, too, that a read sees what another process wrote through its memory map.
 */
export class WalIndex {
  readonly #descriptor: number
  #read = new Uint32Array(headerWords)
  #last = new Uint32Array(headerWords)

  /** @returns undefined where it cannot be read, then SQLite has to be asked */
  static of(database: DatabaseSync): WalIndex | undefined {
    const descriptor = descriptorOf(database)
    return descriptor === undefined ? undefined : new WalIndex(descriptor)
  }

  private constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  /**
   * Whether there was a commit since the last call; true at the first one. A header that is just being written
   * differs from both, so nothing is missed.
   * @throws {Error} when the file cannot be read
   */
  hasChanged(): boolean {
    const [read, last] = [this.#read, this.#last]
    const isWhole = readSync(this.#descriptor, read, 0, read.byteLength, 0) === read.byteLength
    let place = 0
    while (place < headerWords && read[place] === last[place]) place += 1
    if (isWhole && place === headerWords) return false
    this.#read = last
    this.#last = read
    return true
  }
}

function descriptorOf(database: DatabaseSync): number | undefined {
  const file = database.location()
  if (process.platform !== 'linux' || file === null) return undefined
  try {
    const path = `${realpathSync(file)}-shm`
    const found = readdirSync('/proc/self/fd').find((name) => leadsTo(name) === path)
    return found === undefined ? undefined : Number(found)
  } catch {
    return undefined
  }
}

/** A descriptor may have been closed since it was listed. */
function leadsTo(name: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${name}`)
  } catch {
    return undefined
  }
}
