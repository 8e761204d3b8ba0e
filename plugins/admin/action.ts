import type { Administration } from '../../src/administration/administration.ts'
import type { Deed } from '../../src/administration/deed.ts'
import type { Person } from '../../src/administration/people.ts'
import type { Message } from '../../src/i18n/texts.ts'
import type { Owner } from '../../src/identity/owner-key.ts'

export interface Asked {
  readonly who: Owner
  readonly deed: Deed
  /** The session, token or group that is meant, where one is. */
  readonly what: string
}

/** What was done, for the page of the person; or a link to show. */
export type Outcome = Message | { readonly token: string; readonly expiresAt: Date }

export interface Action {
  readonly run: (administration: Administration, asked: Asked) => Promise<Outcome>
  /** Whether it can be done to this person, as they are. */
  readonly suits?: (person: Person) => boolean
  /** Nobody does it to themselves. */
  readonly isForOthers?: true
  /** It takes something away, which has to have a reason. */
  readonly isDangerous?: true
  /** It is about one of their sessions, tokens or groups, whose name is behind it in the address. */
  readonly isOfOne?: true
  readonly needsMail?: true
}
