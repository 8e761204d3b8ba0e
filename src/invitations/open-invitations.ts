import type { Accounts } from '../accounts/accounts.ts'
import type { Registration } from '../accounts/registration.ts'
import type { Database } from '../database/database.ts'
import { type DataKeySettings, dataKeyRing } from '../encryption/data-keys.ts'
import { noPostbox, type Postbox } from '../mail/outbox.ts'
import { processClock } from '../primitives/clock.ts'
import { InvitationStore } from './invitation-store.ts'
import { Invitations } from './invitations.ts'
import { Registrations } from './registrations.ts'

export interface OpenInvitationsOptions {
  readonly config: DataKeySettings & { readonly registration: Registration }
  readonly database: Database
  readonly accounts: Pick<Accounts, 'newPasswords'>
  /** Where mail is posted. Without it, mail is off. */
  readonly postbox?: Postbox | undefined
  /** The address of a page for people. @param path from the root, as in a view */
  readonly addressOf: (path: string) => string
  readonly now?: () => number
}

export interface OpenedInvitations {
  readonly invitations: Invitations
  readonly registrations: Registrations
}

/** Invitations, registrations by mail, and what they need. Call it when the database is open. */
export function openInvitations(options: OpenInvitationsOptions): OpenedInvitations {
  const { config, database, accounts, postbox = noPostbox, addressOf: linkTo, now = processClock } = options
  const { newPasswords } = accounts
  const keys = dataKeyRing(config)
  const registrationIsOpen = config.registration === 'open'
  const store = new InvitationStore({ database, keys, postbox, registrationIsOpen })
  return {
    invitations: new Invitations({ store, postbox, newPasswords, linkTo, now }),
    registrations: new Registrations({ db: database.sql, keys, postbox, linkTo, now })
  }
}
