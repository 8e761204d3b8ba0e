import type { Owner } from '../identity/owner-key.ts'

/** The sessions of accounts. */
export interface RevocableSessions {
  /** The key of a session in the store, by its id. */
  keyOf(id: string): string
  /**
   * The database has ended all sessions of an account of a lower epoch, except the one with the id `keep`: when it
   * resolves, nobody is let in by one of them. @returns how many there were; 1001: more than a thousand
   */
  applyChange(account: Owner, below: number, keep?: string): Promise<number>
  /**
   * The database has another name for the account: when it resolves, its sessions are under that one, and those of the
   * former name alone are over.
   */
  applyRename(account: Owner, former: string): Promise<void>
  /** The same for every change before. */
  applyEndings(): Promise<void>
}
