import crypto from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { StatementSync } from 'node:sqlite'
import { Eta } from 'eta'

/** What a request may cost that is the same on every machine. */
const counts = { hashes: 0, signatures: 0, filesRead: 0, compiled: 0, statements: 0, parsed: 0, written: 0 }
export type WorkDone = typeof counts

count(crypto, ['createHash', 'hash'], 'hashes')
count(crypto, ['createHmac', 'sign'], 'signatures')
count(fs, ['readFile', 'readFileSync', 'open', 'openSync', 'createReadStream'], 'filesRead')
count(fs.promises, ['readFile', 'open'], 'filesRead')
count(Eta.prototype, ['compile'], 'compiled')
count(StatementSync.prototype, ['get', 'all', 'run', 'iterate'], 'statements')
count(JSON, ['parse'], 'parsed')
count(JSON, ['stringify'], 'written')
syncBuiltinESMExports()

/** What is done while a step runs, by whatever code was loaded after this module. */
export async function workDoneBy(step: () => Promise<unknown>): Promise<WorkDone> {
  const before = { ...counts }
  await step()
  const entries = Object.entries(before).map(([what, count]) => [what, Reflect.get(counts, what) - count])
  return Object.fromEntries(entries)
}

function count(owner: object, names: readonly string[], what: keyof WorkDone): void {
  for (const name of names) {
    const original = Reflect.get(owner, name)
    const counted = function (this: unknown, ...words: unknown[]) {
      counts[what] += 1
      return Reflect.apply(original, this, words)
    }
    // What hangs on it, such as util.promisify.custom, stays.
    Reflect.set(owner, name, Object.assign(counted, original))
  }
}
