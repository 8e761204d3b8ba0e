import type { Claim } from '../endings/judge.ts'
import type { SessionReader } from '../endings/logged-endings.ts'
import { ownerKeyOf } from '../identity/owner-key.ts'
import { absoluteExpiry, type SessionLifetimes } from './lifetimes.ts'
import type { SessionRecord } from './session-record.ts'
import { recordIn } from './session-text.ts'

/** The column of the ledger has 32 bits; the next one has to fit too. */
const maxGen = 2 ** 31 - 2

/** What a session says of itself. What another program has stored there counts for nothing. */
export function claimOf(key: string, record: Readonly<SessionRecord>): Claim {
  const { epoch, gen, era } = record
  const most = { gen: Math.min(wholeOf(gen), maxGen) }
  const owner = ownerKeyOf(record)
  const user = owner === undefined ? undefined : record.user
  return { key, owner, user, epoch: wholeOf(epoch), era: wholeOf(era), ...most }
}

export function sessionReader(lifetimes: SessionLifetimes): SessionReader {
  return {
    claimOf: (key, text) => claimOf(key, recordIn(text)),
    endOf(text) {
      const latest = Date.now() + lifetimes.rememberAbsolute
      const end = absoluteExpiry({ startedAt: Date.now(), ...recordIn(text) }, lifetimes)
      return Math.max(0, end <= latest ? Math.ceil(end) : latest)
    }
  }
}

function wholeOf(value: unknown): number {
  return Number.isSafeInteger(value) ? Number(value) : 0
}
