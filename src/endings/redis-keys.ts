import { ownPrefix } from '../redis/prefix.ts'

/** Names in Redis. Those of one ledger carry its id, so that two ledgers on one Redis do not meet. */
export interface EndingKeys {
  /** A hash: up to which row of the ledger this Redis was followed, and the era. */
  readonly mark: string
  /** In front of the hash of an owner; a hash: below which epoch sessions are over. */
  readonly floor: string
  /** A list: endings that wait for the database. */
  readonly outbox: string
  /** Tells other processes what ended. Channels do not know the numbers of databases. */
  readonly channel: string
}

/** @param prefix in front of sessions: `sess:` */
export function endingKeys(prefix: string, ledger: string): EndingKeys {
  const start = ownPrefix(prefix)
  return {
    mark: `${start}-mark:${ledger}`,
    floor: `${start}-floor:${ledger}:`,
    outbox: `${start}-outbox:${ledger}`,
    channel: `${start}-ended:${ledger}`
  }
}

/** The channels of all ledgers, for PSUBSCRIBE. A prefix has no characters that mean something there. */
export function channelPattern(prefix: string): string {
  return endingKeys(prefix, '*').channel
}

/** Says whose Redis it is: the id of the ledger. */
export function installationKey(prefix: string): string {
  return `${ownPrefix(prefix)}-installation`
}
