import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import { GroupsStore } from '../groups/groups-store.ts'
import { joinBeforeImport, leaveAfterImport } from '../groups/imported-memberships.ts'
import { newAccountId } from '../identity/account-id.ts'
import { nameKey } from '../identity/names.ts'
import type { ExportedAccount, FormerName, NewAccount } from './account.ts'
import { skeletonsOf, toRow } from './account-rows.ts'
import type { AccountsStore } from './accounts-store.ts'
import { insertExportedAddresses, readExportedAddresses } from './exported-addresses.ts'
import { insertExportedFactors, readExportedFactors } from './exported-factors.ts'
import { FormerNames } from './former-names.ts'

export interface AddOptions {
  /** Skip accounts whose name is taken, instead of adding none. */
  readonly skipTaken: boolean
}

export interface Added {
  readonly added: number
  /** The names that were taken. */
  readonly taken: readonly string[]
  /** Those whose id belongs to an account of another name: then none is added. */
  readonly renamed: readonly Renamed[]
}

export interface Renamed {
  readonly name: string
  /** The name of the account that has the id. */
  readonly present: string
}

/** Rows in one statement. PostgreSQL allows 65,535 values, SQLite 32,766. */
const batchSize = 500

/** Exports and imports all accounts. Both methods throw StorageError. */
export class AllAccounts {
  readonly #db: Kysely<Tables>
  readonly #store: AccountsStore

  constructor(db: Kysely<Tables>, store: AccountsStore) {
    this.#db = db
    this.#store = store
  }

  /** All accounts, ordered by name, page by page. */
  async *each(): AsyncGenerator<ExportedAccount> {
    let after: string | undefined
    do {
      const some = await this.#store.page({ after, limit: batchSize })
      const ids = some.map(({ id }) => id)
      const held = await new FormerNames(this.#db).heldBy(ids)
      const groups = await new GroupsStore(this.#db).of(ids)
      const factors = await readExportedFactors(this.#db, ids)
      const addresses = await readExportedAddresses(this.#db, ids, Date.now())
      for (const account of some) {
        const { id } = account
        const more = { formerNames: held.get(id), groups: groups.get(id), factors: factors.get(id) }
        yield { ...account, ...more, formerAddresses: addresses.get(id) }
      }
      const last = some.length === batchSize ? some.at(-1) : undefined
      after = last && nameKey(last.name)
    } while (after !== undefined)
  }

  /** Adds all accounts or none. An existing account is never overwritten. */
  async add(accounts: readonly NewAccount[], { skipTaken }: AddOptions): Promise<Added> {
    const taken: string[] = []
    const renamed: Renamed[] = []
    try {
      await this.#db.transaction().execute(async (transaction) => {
        for (let start = 0; start < accounts.length; start += batchSize) {
          const some = accounts.slice(start, start + batchSize)
          const left = await insertSome(transaction, some)
          renamed.push(...(await renamedAmong(transaction, left)))
          taken.push(...left.map(({ name }) => name))
        }
        if (renamed.length > 0 || (taken.length > 0 && !skipTaken)) throw new Refused()
      })
      return { added: accounts.length - taken.length, taken, renamed }
    } catch (error) {
      if (error instanceof Refused) return { added: 0, taken, renamed }
      throw error
    }
  }
}

/** Rolls the transaction back. */
class Refused extends Error {}

/** @returns those that were not inserted: their name is taken, or their id */
async function insertSome(
  db: Kysely<Tables>,
  accounts: readonly NewAccount[]
): Promise<readonly NewAccount[]> {
  const now = Date.now()
  const ended = await endedAmong(db, accounts)
  const withIds = accounts.map((account) => ({ ...account, id: account.id ?? newAccountId() }))
  const joined = await joinGroups(db, withIds)
  const rows = await db
    .insertInto('accounts')
    .values(withIds.map((account) => toRow({ ...account, version: versionOf(account, ended) }, now)))
    .onConflict((conflict) => conflict.doNothing())
    .returning(['key', 'id'])
    .execute()
  const inserted = new Map(rows.map(({ key, id }) => [key, id]))
  await insertFormerNames(db, accounts, inserted)
  const withFactors = accounts.flatMap(({ key, factors }) => {
    const id = inserted.get(key)
    return id && factors ? { id, factors } : []
  })
  await insertExportedFactors(db, withFactors)
  const withAddresses = accounts.flatMap(({ key, formerAddresses: addresses, version = 1 }) => {
    const id = inserted.get(key)
    return id && addresses ? { id, version, addresses } : []
  })
  await insertExportedAddresses(db, withAddresses)
  const added = new Set(inserted.values())
  await leaveAfterImport(
    db,
    joined.filter((id) => !added.has(id))
  )
  return accounts.filter(({ key }) => !inserted.has(key))
}

/** Whoever is there already stays in the groups that it has. @returns the ids of those that are in some now */
async function joinGroups(
  db: Kysely<Tables>,
  accounts: readonly (NewAccount & { readonly id: string })[]
): Promise<readonly string[]> {
  const some = accounts.flatMap(({ id, groups = [] }) => (groups.length > 0 ? { id, groups } : []))
  if (some.length === 0) return []
  const ids = some.map(({ id }) => id)
  const rows = await db.selectFrom('accounts').select('id').where('id', 'in', ids).execute()
  const present = new Set(rows.map(({ id }) => id))
  const fresh = some.filter(({ id }) => !present.has(id))
  await joinBeforeImport(db, fresh)
  return fresh.map(({ id }) => id)
}

/** @param inserted the ids by the keys of the names */
async function insertFormerNames(
  db: Kysely<Tables>,
  accounts: readonly NewAccount[],
  inserted: ReadonlyMap<string, string>
): Promise<void> {
  const rows = accounts.flatMap(({ key: present, formerNames = [] }) => {
    const account = inserted.get(present)
    if (account === undefined) return []
    return formerNames.map(({ name, at, heldUntil }) => {
      const named = { name, key: nameKey(name) }
      return { account, ...named, ...skeletonsOf(named), at: at.getTime(), held_until: heldUntil.getTime() }
    })
  })
  for (let start = 0; start < rows.length; start += batchSize) {
    const some = db.insertInto('former_names').values(rows.slice(start, start + batchSize))
    await some.onConflict((conflict) => conflict.doNothing()).execute()
  }
}

/** An account that was removed here and comes back under its id: its former sessions are over. */
function versionOf({ id = '', version = 1 }: NewAccount, ended: ReadonlyMap<string, number>): number {
  return Math.max(version, ended.get(id) ?? 0)
}

/** Below which version sessions of these accounts are over, by their ids. */
async function endedAmong(
  db: Kysely<Tables>,
  accounts: readonly NewAccount[]
): Promise<ReadonlyMap<string, number>> {
  const ids = accounts.flatMap(({ id }) => id ?? [])
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('endings')
    .select(({ fn }) => ['owner', fn.max('epoch').as('epoch')])
    .where('kind', '=', 'account')
    .where('owner', 'in', ids)
    .groupBy('owner')
    .execute()
  return new Map(rows.map(({ owner, epoch }) => [owner ?? '', epoch ?? 0]))
}

async function renamedAmong(
  db: Kysely<Tables>,
  accounts: readonly NewAccount[]
): Promise<readonly Renamed[]> {
  const ids = accounts.flatMap(({ id }) => id ?? [])
  if (ids.length === 0) return []
  const rows = await db.selectFrom('accounts').select(['id', 'key', 'name']).where('id', 'in', ids).execute()
  const present = new Map(rows.map((row) => [row.id, row]))
  const former = await new FormerNames(db).heldBy(ids)
  return accounts.flatMap(({ id = '', key, name, formerNames = [] }) => {
    const other = present.get(id)
    if (!other || other.key === key) return []
    // The same account, which was renamed here or there: its name is taken, by itself.
    const isSame = hasKey(former.get(id), key) || hasKey(formerNames, other.key)
    return isSame ? [] : [{ name, present: other.name }]
  })
}

function hasKey(names: readonly FormerName[] = [], key: string): boolean {
  return names.some(({ name }) => nameKey(name) === key)
}
