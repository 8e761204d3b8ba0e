import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import type { KeyRing, Place } from '../encryption/key-ring.ts'
import { nameKey } from '../identity/names.ts'

/** As checkAddress returns it. */
export interface CheckedAddress {
  readonly address: string
  readonly key: string
}

/** Who has the address, or is called so. */
export function accountWith(db: Kysely<Tables>, { address, key }: CheckedAddress) {
  const all = db.selectFrom('accounts').select(['name', 'language', 'email', 'email_key'])
  return all.where(({ or, eb }) => or([eb('email_key', '=', key), eb('key', '=', nameKey(address))]))
}

/** What an address is found by, for each key of the ring: new rows have the first. */
export function addressKeysOf(keys: KeyRing, { key }: Pick<CheckedAddress, 'key'>): readonly string[] {
  return keys.macsOf(key, 'address of an invitation')
}

/** Where the sealed address of a row belongs. */
export function placeOf(hash: string): Place {
  return { table: 'invitations', column: 'address', account: hash }
}
