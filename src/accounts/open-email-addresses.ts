import type { Database } from '../database/database.ts'
import { type DataKeySettings, dataKeyRing } from '../encryption/data-keys.ts'
import { noPostbox, type Postbox } from '../mail/outbox.ts'
import { EmailAddressStore } from './email-address-store.ts'
import { EmailAddresses } from './email-addresses.ts'
import type { RevocableSessions } from './revocable-sessions.ts'

export interface EmailAddressesNeeds {
  readonly config: DataKeySettings
  readonly database: Database
  readonly sessions: RevocableSessions
  /** Where mail is posted. Without it, mail is off. */
  readonly postbox?: Postbox | undefined
  /** The address of a page for people. @param path from the root, as in a view */
  readonly addressOf: (path: string) => string
  readonly now?: () => number
}

/** Addresses of accounts and what they need. Call it when the database is open. */
export function openEmailAddresses(needs: EmailAddressesNeeds): EmailAddresses {
  const { config, database, sessions, postbox = noPostbox, addressOf: urlOf, now } = needs
  const store = new EmailAddressStore({ database, keys: dataKeyRing(config), postbox })
  return new EmailAddresses({ store, sessions, isOn: postbox.isOn, urlOf, ...(now && { now }) })
}
