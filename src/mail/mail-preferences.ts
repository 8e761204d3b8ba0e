import type { Database } from '../database/database.ts'

/** In which language an account gets mail, and what of it its owner does not want. Both methods throw StorageError. */
export class MailPreferences {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Of the owner, as a BCP 47 tag. */
  async setLanguage(account: string, language: string): Promise<void> {
    const accounts = this.#database.noSyncSql.updateTable('accounts')
    await accounts.set({ language }).where('id', '=', account).execute()
  }

  /** Whether the owner is told of sign-ins in other browsers: no other notice can be turned off. */
  async setSignInNotices(account: string, areWanted: boolean): Promise<void> {
    const accounts = this.#database.sql.updateTable('accounts')
    await accounts
      .set({ sign_in_notices: Number(areWanted) })
      .where('id', '=', account)
      .execute()
  }
}
