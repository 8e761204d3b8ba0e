import type { Insertable, Kysely, Selectable } from '#vendor/kysely'
import type { PasskeysTable, TotpTable } from '../database/factors-tables.ts'
import type { Tables } from '../database/tables.ts'
import type { KeyRing } from '../encryption/key-ring.ts'
import { placeOfSeed } from '../encryption/key-upkeep.ts'
import { newId } from '../primitives/new-id.ts'

/** Second factors of an account in a line of an export. Times are ISO 8601. */
export interface ExportedFactors {
  readonly codes?: {
    /** Sealed with a key of the database that it comes from, for the account: see KeyRing. */
    readonly seed: string
    readonly lastStep: number
    readonly wrongTries: number
    readonly createdAt: string
    readonly usedAt: string | null
  }
  readonly passkeys: readonly ExportedPasskey[]
  readonly recoveryCodes: readonly { readonly hash: string; readonly createdAt: string }[]
  readonly wrongRecoveryCodes: number
}

type ExportedPasskey = Pick<
  Selectable<PasskeysTable>,
  'id' | 'algorithm' | 'counter' | 'transports' | 'aaguid' | 'name'
> & {
  readonly publicKey: string
  readonly backupEligible: boolean
  readonly backedUp: boolean
  readonly rpId: string
  readonly createdAt: string
  readonly usedAt: string | null
}

const text = { type: 'string', maxLength: 4096 }
const time = { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$` }
const timeOrNull = { anyOf: [time, { type: 'null' }] }
const count = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }
const base64url = { ...text, pattern: String.raw`^[\w-]+$` }
const object = (properties: Readonly<Record<string, object>>, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name))
})

export const exportedFactorsSchema = object(
  {
    codes: object({
      seed: { ...text, pattern: String.raw`^[\w-]+\.[\w-]+$` },
      lastStep: count,
      wrongTries: count,
      createdAt: time,
      usedAt: timeOrNull
    }),
    passkeys: {
      type: 'array',
      items: object({
        id: base64url,
        publicKey: base64url,
        algorithm: { type: 'integer' },
        counter: count,
        transports: text,
        aaguid: text,
        backupEligible: { type: 'boolean' },
        backedUp: { type: 'boolean' },
        rpId: text,
        name: text,
        createdAt: time,
        usedAt: timeOrNull
      })
    },
    recoveryCodes: { type: 'array', items: object({ hash: base64url, createdAt: time }) },
    wrongRecoveryCodes: count
  },
  ['codes']
)

/** Those of accounts that have any, by the ids. */
export async function readExportedFactors(
  db: Kysely<Tables>,
  ids: readonly string[]
): Promise<ReadonlyMap<string, ExportedFactors>> {
  if (ids.length === 0) return new Map()
  const having = db.selectFrom('accounts').select(['id', 'wrong_recovery_codes']).where('id', 'in', ids)
  const accounts = await having.where('second_factors', '>', 0).execute()
  if (accounts.length === 0) return new Map()
  const those = accounts.map(({ id }) => id)
  const totp = db.selectFrom('totp').selectAll().where('account_id', 'in', those)
  const codes = await totp.where('removed_at', 'is', null).execute()
  const passkeys = db.selectFrom('passkeys').selectAll().where('account_id', 'in', those)
  const keys = await passkeys.where('removed_at', 'is', null).orderBy('created_at').orderBy('id').execute()
  const recovery = db.selectFrom('recovery_codes').selectAll().where('account_id', 'in', those)
  const recoveryCodes = await recovery.orderBy('hash').execute()
  const [codesOf, keysOf, recoveryOf] = [byAccount(codes), byAccount(keys), byAccount(recoveryCodes)]
  return new Map(
    accounts.map(({ id, wrong_recovery_codes }) => {
      const [code] = codesOf.get(id) ?? []
      const factors = {
        ...(code && { codes: toCodes(code) }),
        passkeys: (keysOf.get(id) ?? []).map(toExportedPasskey),
        recoveryCodes: (recoveryOf.get(id) ?? []).map(({ hash, created_at }) => ({
          hash,
          createdAt: iso(created_at)
        })),
        wrongRecoveryCodes: wrong_recovery_codes
      }
      return [id, factors] as const
    })
  )
}

/** Of accounts that were just inserted. What somebody else has already is left out. */
export async function insertExportedFactors(
  db: Kysely<Tables>,
  accounts: readonly { readonly id: string; readonly factors: ExportedFactors }[]
): Promise<void> {
  for (const { id: account_id, factors } of accounts) {
    const { codes, passkeys, recoveryCodes, wrongRecoveryCodes } = factors
    if (codes) {
      const { seed, lastStep: last_step, wrongTries: wrong_tries, createdAt, usedAt } = codes
      const times = {
        created_at: Date.parse(createdAt),
        used_at: usedAt === null ? null : Date.parse(usedAt)
      }
      const row = {
        id: newId(),
        account_id,
        seed,
        last_step,
        wrong_tries,
        ...times
      }
      await db.insertInto('totp').values(row).execute()
    }
    const keys = passkeys.map((passkey) => toPasskeysRow(account_id, passkey))
    const hashes = recoveryCodes.map(({ hash, createdAt }) => ({
      hash,
      account_id,
      created_at: Date.parse(createdAt)
    }))
    for (const key of keys)
      await db
        .insertInto('passkeys')
        .values(key)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    for (const hash of hashes)
      await db
        .insertInto('recovery_codes')
        .values(hash)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    const own = db.selectFrom('passkeys').select('id').where('account_id', '=', account_id)
    const second_factors = (await own.execute()).length + (codes ? 1 : 0)
    const changing = db
      .updateTable('accounts')
      .set({ second_factors, wrong_recovery_codes: wrongRecoveryCodes })
    await changing.where('id', '=', account_id).execute()
  }
}

interface WithFactors {
  readonly id?: string | undefined
  readonly name: string
  readonly factors?: ExportedFactors | undefined
}

/**
 * Accounts of an export for this database: their seeds are sealed with its first key.
 * @returns also the names of those whose seed no key of the ring opens
 */
export function resealed<Account extends WithFactors>(accounts: readonly Account[], keys: KeyRing) {
  const unreadable: string[] = []
  const sealedAnew = accounts.map((account) => {
    const { id, name, factors } = account
    if (!factors?.codes || id === undefined) return account
    const seed = keys.open(factors.codes.seed, placeOfSeed(id))
    if (seed === undefined) unreadable.push(name)
    if (seed === undefined) return account
    const codes = { ...factors.codes, seed: keys.seal(seed, placeOfSeed(id)) }
    return { ...account, factors: { ...factors, codes } }
  })
  return { accounts: sealedAnew, unreadable }
}

function byAccount<Row extends { readonly account_id: string }>(rows: readonly Row[]) {
  return Map.groupBy(rows, ({ account_id }) => account_id)
}

function toCodes(row: Selectable<TotpTable>): NonNullable<ExportedFactors['codes']> {
  return {
    seed: row.seed ?? '',
    lastStep: Number(row.last_step),
    wrongTries: row.wrong_tries,
    createdAt: iso(row.created_at),
    usedAt: row.used_at === null ? null : iso(row.used_at)
  }
}

function toExportedPasskey(row: Selectable<PasskeysTable>): ExportedPasskey {
  const { id, algorithm, transports, aaguid, name } = row
  return {
    ...{
      id,
      publicKey: row.public_key ?? '',
      algorithm,
      counter: Number(row.counter),
      transports,
      aaguid,
      name
    },
    backupEligible: row.backup_eligible === 1,
    backedUp: row.backed_up === 1,
    rpId: row.rp_id,
    createdAt: iso(row.created_at),
    usedAt: row.used_at === null ? null : iso(row.used_at)
  }
}

function toPasskeysRow(account_id: string, passkey: ExportedPasskey): Insertable<PasskeysTable> {
  const { id, algorithm, counter, transports, aaguid, name, publicKey, rpId, createdAt, usedAt } = passkey
  return {
    ...{ id, account_id, algorithm, counter, transports, aaguid, name },
    public_key: publicKey,
    backup_eligible: Number(passkey.backupEligible),
    backed_up: Number(passkey.backedUp),
    rp_id: rpId,
    created_at: Date.parse(createdAt),
    used_at: usedAt === null ? null : Date.parse(usedAt)
  }
}

function iso(milliseconds: number): string {
  return new Date(Number(milliseconds)).toISOString()
}
