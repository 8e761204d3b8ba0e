import type { Insertable, Selectable } from '#vendor/kysely'
import type { PasskeysTable } from '../database/factors-tables.ts'
import type { NewPasskey, Passkey } from './factors-of.ts'

export function toPasskeyRow(accountId: string, passkey: NewPasskey, now: number): Insertable<PasskeysTable> {
  return {
    id: passkey.id,
    account_id: accountId,
    public_key: passkey.publicKey,
    algorithm: passkey.algorithm,
    counter: passkey.counter,
    transports: passkey.transports.join(','),
    aaguid: passkey.aaguid,
    backup_eligible: Number(passkey.isBackupEligible),
    backed_up: Number(passkey.isBackedUp),
    rp_id: passkey.rpId,
    name: passkey.name,
    created_at: now
  }
}

export function toPasskey(row: Selectable<PasskeysTable>): Passkey {
  return {
    id: row.id,
    accountId: row.account_id,
    publicKey: row.public_key ?? '',
    algorithm: row.algorithm,
    counter: Number(row.counter),
    transports: row.transports === '' ? [] : row.transports.split(','),
    aaguid: row.aaguid,
    isBackupEligible: row.backup_eligible === 1,
    isBackedUp: row.backed_up === 1,
    rpId: row.rp_id,
    name: row.name,
    createdAt: new Date(Number(row.created_at)),
    usedAt: row.used_at === null ? undefined : new Date(Number(row.used_at))
  }
}
