import { allOrNothing } from '../database/all-or-nothing.ts'
import type { Database } from '../database/database.ts'
import type { Owner } from '../identity/owner-key.ts'
import type { Administered } from '../mail/message.ts'
import type { Notices } from '../mail/notices.ts'
import { type Deed, optionsOf } from './deed.ts'

/** What was done, where no transaction of the accounts tells of it. */
export interface Told {
  readonly did: Administered
  readonly group?: string
}

export type TellOwner = (account: Owner, told: Told, deed: Deed) => Promise<void>

/**
 * @returns what mails the owner of an account what an administrator did to it, right after it was done; nobody tells themselves
 * @throws {StorageError}
 */
export function tellOwner(database: Database, notices: Notices): TellOwner {
  const template = 'account-administered'
  return async (account, told, deed) => {
    const isOwn = deed.by.kind === 'account' && deed.by.id === account.id
    if (isOwn || !notices.tells(template)) return
    const { circumstances } = optionsOf(account.id, deed)
    await allOrNothing(database, () => notices.tell(account, { template, ...told }, circumstances))
  }
}
