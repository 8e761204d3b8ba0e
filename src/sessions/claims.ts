import type { Claim } from '../endings/judge.ts'
import type { SessionReader } from '../endings/logged-endings.ts'
import { ownerKeyOf } from '../identity/owner-key.ts'
import { absoluteExpiry, type SessionLifetimes } from './lifetimes.ts'
import type { SessionRecord } from './session-record.ts'

/** What a session says of itself. What another program has stored there counts for nothing. */
export function claimOf(key: string, record: Readonly<SessionRecord>): Claim {
  const { epoch, gen, era } = record
  return { key, owner: ownerKeyOf(record), epoch: wholeOf(epoch), gen: wholeOf(gen), era: wholeOf(era) }
}

export function sessionReader(lifetimes: SessionLifetimes): SessionReader {
  return {
    claimOf: (key, text) => claimOf(key, recordIn(text)),
    endOf: (text) => absoluteExpiry({ startedAt: Date.now(), ...recordIn(text) }, lifetimes)
  }
}

/** Another program may have stored any JSON. */
function recordIn(text: string): SessionRecord {
  return Object(JSON.parse(text))
}

function wholeOf(value: unknown): number {
  return Number.isSafeInteger(value) ? Number(value) : 0
}
