import crypto from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { StatementSync } from 'node:sqlite'
import Negotiator from 'negotiator'
import { Language } from '../src/i18n/language.ts'

/** Counts of work that are the same on every machine. */
const counts = {
  hashes: 0,
  signatures: 0,
  filesRead: 0,
  /** Functions compiled from text, such as templates. */
  compiled: 0,
  /** Resolved paths, such as those of templates. */
  paths: 0,
  statements: 0,
  /** JSON; `written` without single texts, which a log quotes in different ways. */
  parsed: 0,
  written: 0,
  /** Headers parsed for content negotiation. */
  negotiated: 0,
  /** Cookie values decoded. */
  decoded: 0,
  /** Texts looked up while a page is rendered. */
  said: 0
}
export type WorkDone = typeof counts

/** A request that does no repeated work. */
export const none: WorkDone = { ...counts }

count(crypto, ['createHash', 'hash'], 'hashes')
count(crypto, ['createHmac', 'sign'], 'signatures')
count(fs, ['readFile', 'readFileSync', 'open', 'openSync', 'createReadStream'], 'filesRead')
count(fs.promises, ['readFile', 'open'], 'filesRead')
count(globalThis, ['Function'], 'compiled')
count(globalThis, ['decodeURIComponent'], 'decoded')
count(path, ['join', 'resolve', 'relative'], 'paths')
count(Negotiator.prototype, ['mediaTypes', 'languages'], 'negotiated')
count(Language.prototype, ['t'], 'said')
count(
  StatementSync.prototype,
  ['get', 'all', 'run', 'iterate'],
  'statements',
  (_word, statement) => !isHeartbeat(statement)
)
count(JSON, ['parse'], 'parsed')
count(JSON, ['stringify'], 'written', (value) => typeof value !== 'string')
syncBuiltinESMExports()

/** The work done while a step runs, by code that was loaded after this module. */
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
  isWork: (word: unknown, on: unknown) => boolean = () => true
): void {
  for (const name of names) {
    const original = Reflect.get(owner, name)
    const counted = function (this: unknown, ...words: unknown[]) {
      if (isWork(words[0], this)) counts[what] += 1
      return Reflect.apply(original, this, words)
    }
    // Properties such as util.promisify.custom and instances keep working.
    counted.prototype = original.prototype
    Reflect.set(owner, name, Object.assign(counted, original))
  }
}

/** A follower of endings looks for new ones four times a second, whatever the number of requests. */
function isHeartbeat(statement: unknown): boolean {
  return statement instanceof StatementSync && / from "endings" where "n" >= /.test(statement.sourceSQL)
}
