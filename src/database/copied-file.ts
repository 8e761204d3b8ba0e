import type { DatabaseSync } from 'node:sqlite'
import type { FileMark } from './file-mark.ts'
import { afterWrites, inTransaction } from './sqlite-file.ts'

/** As for endings of accounts: no cookie lasts longer in a browser. */
const longestLifeMilliseconds = 400 * 24 * 60 * 60 * 1000

/**
 * Compares the embedded database with the mark beside it. If the file is a copy, or older than the mark, it may
 * contain sessions that were ended since: then all sessions are over. In the transaction that migrates it, so that
 * processes that start together do not do it twice.
 * @param isNew whether the file was just created
 * @returns a sentence that completes "DATABASE_URL is …, which", if everybody was signed out
 */
export function endIfCopied(database: DatabaseSync, mark: FileMark, isNew: boolean): string | undefined {
  const marked = mark.read()
  if (isNew || (marked && mark.isOf(marked) && marked.ended <= endedIn(database))) return undefined
  endEverything(database)
  const what = marked && mark.isOf(marked) ? 'is an older copy' : 'was copied here'
  return `${what}: everybody is signed out, because it may contain sessions that were ended later`
}

/** All sessions are over, in this database and in a Redis that follows its ledger. In a transaction. */
export function endEverything(database: DatabaseSync): void {
  database.exec(`
    INSERT INTO endings (nonce, kind, epoch, until)
      SELECT lower(hex(randomblob(16))), 'era', era + 1,
        CAST(unixepoch('subsec') * 1000 AS INTEGER) + ${longestLifeMilliseconds} FROM ledger;
    DELETE FROM sessions;
    DELETE FROM devices`)
}

/** From now on each ending that a connection commits is noted in the mark before it is answered. */
export function keepMark(mark: FileMark, connections: readonly DatabaseSync[]): void {
  for (const database of connections) {
    let ended = 0
    database.function('latchkey_ended', { useBigIntArguments: false }, (number) => {
      ended = Number(number)
      return null
    })
    // Temporary: other programs that write to the file do not have the function.
    database.exec(`CREATE TEMP TRIGGER latchkey_ended AFTER UPDATE OF ended ON main.ledger
      BEGIN SELECT latchkey_ended(NEW.ended); END`)
    afterWrites(database, () => mark.write(ended))
  }
}

/** Lets the mark say what the database says, when all is committed. */
export function bringUpToDate(database: DatabaseSync, mark: FileMark): void {
  inTransaction(database, () => {
    const ended = endedIn(database)
    const marked = mark.read()
    if (!marked || !mark.isOf(marked) || marked.ended !== ended) mark.reset(ended)
  })
}

function endedIn(database: DatabaseSync): number {
  return Number(database.prepare('SELECT ended FROM ledger').get()?.ended)
}
