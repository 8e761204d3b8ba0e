import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import type { KeyRing } from '../encryption/key-ring.ts'
import { placeOfFormerAddress, placeOfLinkAddress } from '../mail/outbox.ts'

/**
 * Former addresses of an account in a line of an export, which are told of changes until then, and the ways back to them.
 * Addresses are sealed with a key of the database that the line comes from; of a link there is only the hash.
 */
export interface ExportedAddresses {
  readonly told: readonly { readonly id: string; readonly address: string; readonly until: string }[]
  readonly waysBack: readonly { readonly hash: string; readonly address: string; readonly until: string }[]
}

const sealed = { type: 'string', maxLength: 4096, pattern: String.raw`^[\w-]+\.[\w-]+$` }
const time = { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$` }
const list = (key: string, pattern: string) => ({
  type: 'array',
  items: {
    type: 'object',
    properties: { [key]: { type: 'string', pattern }, address: sealed, until: time },
    required: [key, 'address', 'until']
  }
})

export const exportedAddressesSchema = {
  type: 'object',
  properties: { told: list('id', String.raw`^[\w-]{22}$`), waysBack: list('hash', String.raw`^[\w-]{43}$`) },
  required: ['told', 'waysBack']
}

/** Those of accounts that have any, by the ids. @param now what is over by then is left out */
export async function readExportedAddresses(
  db: Kysely<Tables>,
  ids: readonly string[],
  now: number
): Promise<ReadonlyMap<string, ExportedAddresses>> {
  if (ids.length === 0) return new Map()
  const former = db.selectFrom('former_addresses').selectAll().where('account_id', 'in', ids)
  const told = await former.where('until', '>', now).orderBy('until').orderBy('id').execute()
  const undoing = db.selectFrom('link_tokens').selectAll().where('account_id', 'in', ids)
  const own = undoing.where('purpose', '=', 'undo-address').where('expires_at', '>', now)
  const links = await own.orderBy('expires_at').orderBy('hash').execute()
  const [toldOf, linksOf] = [byAccount(told), byAccount(links)]
  return new Map(
    [...new Set([...toldOf.keys(), ...linksOf.keys()])].map((account) => [
      account,
      {
        told: (toldOf.get(account) ?? []).map(({ id, address, until }) => ({
          id,
          address,
          until: iso(until)
        })),
        waysBack: (linksOf.get(account) ?? []).flatMap(({ hash, address, expires_at }) =>
          address === null ? [] : [{ hash, address, until: iso(expires_at) }]
        )
      }
    ])
  )
}

/** Of accounts that were just inserted. */
export async function insertExportedAddresses(
  db: Kysely<Tables>,
  accounts: readonly {
    readonly id: string
    readonly version: number
    readonly addresses: ExportedAddresses
  }[]
): Promise<void> {
  for (const { id: account_id, version: account_version, addresses } of accounts) {
    for (const { until, ...row } of addresses.told) {
      const former = db
        .insertInto('former_addresses')
        .values({ ...row, account_id, until: Date.parse(until) })
      await former.onConflict((conflict) => conflict.doNothing()).execute()
    }
    for (const { until, ...row } of addresses.waysBack) {
      const link = { ...row, account_id, account_version, purpose: 'undo-address' as const }
      const adding = db.insertInto('link_tokens').values({ ...link, expires_at: Date.parse(until) })
      await adding.onConflict((conflict) => conflict.doNothing()).execute()
    }
  }
}

/**
 * Accounts of an export for this database: addresses are sealed with its first key. Those that no key of the ring opens are
 * left out: nobody could be told there.
 * @returns also the names of those whose addresses were left out
 */
export function withSealedAddresses<
  Account extends { readonly name: string; readonly formerAddresses?: ExportedAddresses | undefined }
>(accounts: readonly Account[], keys: KeyRing) {
  const leftOut: string[] = []
  const sealedAnew = accounts.map((account) => {
    if (!account.formerAddresses) return account
    const { told, waysBack } = account.formerAddresses
    const addresses = {
      told: told.flatMap((one) => anew(one, placeOfFormerAddress(one.id), keys)),
      waysBack: waysBack.flatMap((one) => anew(one, placeOfLinkAddress(one.hash), keys))
    }
    const isWhole = addresses.told.length === told.length && addresses.waysBack.length === waysBack.length
    if (!isWhole) leftOut.push(account.name)
    return { ...account, formerAddresses: addresses }
  })
  return { accounts: sealedAnew, leftOut }
}

function anew<Row extends { readonly address: string }>(
  row: Row,
  place: Parameters<KeyRing['open']>[1],
  keys: KeyRing
): readonly Row[] {
  const address = keys.open(row.address, place)
  return address === undefined ? [] : [{ ...row, address: keys.seal(address, place) }]
}

function byAccount<Row extends { readonly account_id: string }>(rows: readonly Row[]) {
  return Map.groupBy(rows, ({ account_id }) => account_id)
}

function iso(milliseconds: number): string {
  return new Date(Number(milliseconds)).toISOString()
}
