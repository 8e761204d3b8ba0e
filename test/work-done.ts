import crypto from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { StatementSync } from 'node:sqlite'
import accepts from 'accepts'
import { Language } from '../src/i18n/language.ts'

/** What a request may cost that is the same on every machine. */
const counts = {
  hashes: 0,
  signatures: 0,
  filesRead: 0,
  /** Functions made of text, as of a template. */
  compiled: 0,
  /** Paths worked out, as that of a template. */
  paths: 0,
  statements: 0,
  /** JSON; `written` too, but for lone texts, which a log quotes one way or the other. */
  parsed: 0,
  written: 0,
  /** Headers that say what is wanted, taken apart. */
  negotiated: 0,
  /** Values of cookies, as their header is taken apart. */
  decoded: 0,
  /** Texts put into a page while it is made. */
  said: 0
}
export type WorkDone = typeof counts

/** What a request does that works nothing out anew. */
export const none: WorkDone = { ...counts }

count(crypto, ['createHash', 'hash'], 'hashes')
count(crypto, ['createHmac', 'sign'], 'signatures')
count(fs, ['readFile', 'readFileSync', 'open', 'openSync', 'createReadStream'], 'filesRead')
count(fs.promises, ['readFile', 'open'], 'filesRead')
count(globalThis, ['Function'], 'compiled')
count(globalThis, ['decodeURIComponent'], 'decoded')
count(path, ['join', 'resolve', 'relative'], 'paths')
count(accepts.prototype, ['types', 'type', 'languages', 'language'], 'negotiated')
count(Language.prototype, ['t'], 'said')
count(StatementSync.prototype, ['get', 'all', 'run', 'iterate'], 'statements')
count(JSON, ['parse'], 'parsed')
count(JSON, ['stringify'], 'written', (value) => typeof value !== 'string')
syncBuiltinESMExports()

/** What is done while a step runs, by whatever code was loaded after this module. */
export async function workDoneBy(step: () => Promise<unknown>): Promise<WorkDone> {
  const before = { ...counts }
  await step()
  const entries = Object.entries(before).map(([what, count]) => [what, Reflect.get(counts, what) - count])
  return Object.fromEntries(entries)
}

function count(
  owner: object,
  names: readonly string[],
  what: keyof WorkDone,
  isWork: (word: unknown) => boolean = () => true
): void {
  for (const name of names) {
    const original = Reflect.get(owner, name)
    const counted = function (this: unknown, ...words: unknown[]) {
      if (isWork(words[0])) counts[what] += 1
      return Reflect.apply(original, this, words)
    }
    // What hangs on it, such as util.promisify.custom, stays; so does what is an instance of it.
    counted.prototype = original.prototype
    Reflect.set(owner, name, Object.assign(counted, original))
  }
}
