import type { DatabaseAddress } from '../../database/database-address.ts'
import { storedSecret } from '../../database/secret-file.ts'

export interface SigningSettings {
  /** The first signs cookies, all verify them. Empty: generated and stored beside the embedded database. */
  readonly sessionSecrets: readonly string[]
  readonly database: DatabaseAddress
}

/**
 * The secrets that sign session cookies: SESSION_SECRET, or one generated at the first start and stored in
 * `session.secret` beside the embedded database, readable by its owner only. The first signs, all verify.
 * Call it when the database is open, so that its folder exists.
 */
export function signingSecrets({ sessionSecrets, database }: SigningSettings): readonly string[] {
  // With PostgreSQL there is no such folder, so readConfig requires the setting.
  return sessionSecrets.length > 0 ? sessionSecrets : [storedSecret(database, 'session.secret')]
}
