import { allOrNothing } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import type { Owner } from '../identity/owner-key.ts'
import type { Circumstances, Notices } from '../mail/notices.ts'

/** A code that did not count. */
export interface RefusedCode {
  readonly kind: 'code' | 'recovery-code'
  /**
   * Who tried: somebody who is signed in to the account, or who has just given its password, in a browser that its
   * owner uses or elsewhere.
   */
  readonly from: 'session' | 'known-browser' | 'elsewhere'
  /** Delayed: there were several wrong ones. Closed: there were so many that none of this kind counts any more. */
  readonly outcome: 'wrong' | 'delayed' | 'closed'
}

/**
 * Tells owners of codes that were refused after their password was right: then somebody else may know it (ASVS 6.3.5,
 * 6.3.7). Somebody who mistypes one in their own browser is told nothing.
 */
export class RefusedCodes {
  readonly #database: Database
  readonly #notices: Notices

  constructor(database: Database, notices: Notices) {
    this.#database = database
    this.#notices = notices
  }

  /** At most one mail in six hours that says the same of one network. @throws {StorageError} */
  async tell(
    account: Owner,
    { kind, from, outcome }: RefusedCode,
    circumstances: Circumstances
  ): Promise<void> {
    const isClosed = outcome === 'closed'
    const template = isClosed ? 'codes-closed' : 'codes-refused'
    if (!this.#notices.tells(template)) return
    if (outcome === 'wrong' && from !== 'elsewhere') return
    const how = from === 'session' ? from : undefined
    const which = isClosed ? { codes: kind === 'code' ? ('app' as const) : ('recovery' as const) } : { how }
    const notice = { template, isRare: true, ...which } as const
    await allOrNothing(this.#database, () => this.#notices.tell(account, notice, circumstances))
  }
}
