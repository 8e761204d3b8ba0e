import type { DatabaseAddress } from '../database/database-address.ts'
import { storedSecret } from '../database/secret-file.ts'
import { KeyRing } from './key-ring.ts'

export interface DataKeySettings {
  /** The first seals, all open. Empty: generated and stored beside the embedded database. */
  readonly dataKeys: readonly string[]
  readonly database: DatabaseAddress
}

/**
 * The keys in DATA_KEYS, or one generated at the first start and stored in `data.key` beside the embedded database. With
 * PostgreSQL and without the setting there are none. Call it when the database is open, so that its folder exists.
 */
export function dataKeyRing({ dataKeys, database }: DataKeySettings): KeyRing {
  const isGenerated = dataKeys.length === 0 && database.kind === 'sqlite'
  return new KeyRing(isGenerated ? [storedSecret(database, 'data.key')] : dataKeys)
}
