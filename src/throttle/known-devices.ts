import { hash, randomBytes } from 'node:crypto'
import { type Kysely, sql } from '#vendor/kysely'
import type { SignedInAs } from '../accounts/account.ts'
import { allOrNothing, run } from '../database/all-or-nothing.ts'
import { compileOnce } from '../database/compile-once.ts'
import type { Database } from '../database/database.ts'
import type { Tables } from '../database/tables.ts'
import { addressKey } from '../identity/email-address.ts'
import { nameKey } from '../identity/names.ts'
import type { Circumstances, Notices } from '../mail/notices.ts'
import { processClock } from '../primitives/clock.ts'
import { LruCache } from '../primitives/lru-cache.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import { StoreAround } from '../sessions/store-around.ts'

/** The one that was not used for longest is forgotten. */
export const maxDevices = 10

/** A sign-in in a known browser writes only if the last one there is longer ago. */
const noteUseEveryMilliseconds = 60 * 60 * 1000

/**
 * The browsers in which the owner of an account signed in, by the ids of their device cookies. They are known
 * for that account as it was then: another password, disabling, removal, and signing out everywhere end it.
 * Every method throws StorageError when the database cannot answer.
 */
export class KnownDevices {
  readonly #db: Kysely<Tables>
  readonly #now: () => number
  readonly #telling: Telling | undefined
  readonly #queries: ReturnType<typeof deviceQueries>
  /** An id that is over is never used again, so attempts with it need not ask. */
  readonly #over = new LruCache<string, string>(10_000)

  /**
   * @param db a connection that need not wait for the disk
   * @param telling where owners are told of other browsers; by default nobody is
   */
  constructor(db: Kysely<Tables>, now: () => number = processClock, telling?: Telling) {
    this.#db = db
    this.#now = now
    this.#telling = telling
    this.#queries = deviceQueries(db)
  }

  /** Whether the owner of the account signed in there, with the present password. @param typed the name or the address */
  async isKnown(typed: string, id: string): Promise<boolean> {
    const key = nameKey(typed)
    const claim = `${id} ${key}`
    if (this.#over.get(claim)) return false
    const isKnown = (await this.#usedAt(key, id, addressKey(typed))) !== undefined
    if (!isKnown) this.#over.set(claim, claim)
    return isKnown
  }

  /**
   * The names that the account had before, and the present one if it was called by its address: device cookies are signed
   * for the name of their time.
   */
  async otherNames(typed: string): Promise<readonly string[]> {
    const [key, address] = [nameKey(typed), addressKey(typed)]
    const names =
      address === undefined ? this.#queries.formerNames({ key }) : this.#queries.otherNames({ key, address })
    const { rows } = await this.#db.executeQuery(names)
    return rows.map(({ key }) => key)
  }

  /**
   * After a sign-in in that browser.
   * @param claimed the id in its device cookie
   * @param circumstances of a sign-in: if the browser is not known, the owner of the account is told in the same transaction
   * @returns the id to be in its device cookie; undefined when there is no such account, or it has changed since
   * its password was verified
   */
  async remember(
    { id: account, name, verifiedState, tellsOfSignIns = false }: SignedInAs,
    claimed: string | undefined,
    circumstances?: Circumstances
  ): Promise<string | undefined> {
    if (account === undefined) return undefined
    const key = nameKey(name)
    const now = this.#now()
    const usedAt = claimed && (await this.#usedAt(key, claimed))
    // One in the future was noted by a clock that was ahead.
    if (usedAt && usedAt <= now && now - usedAt < noteUseEveryMilliseconds) return claimed
    // An id that is over is not used again: somebody may have copied its cookie.
    const id = usedAt && claimed ? claimed : newDevice()
    const device = stored(id)
    const { version = null } = verifiedState ?? {}
    const remembered = { account, device, version, now }
    const tells = !usedAt && tellsOfSignIns && circumstances !== undefined
    const isThere = tells
      ? await this.#rememberAndTell(remembered, { id: account, name }, circumstances)
      : await this.#remember(remembered)
    if (!isThere) return undefined
    await this.#db.executeQuery(this.#queries.trim({ account }))
    return id
  }

  async #remember(remembered: Remembered): Promise<boolean> {
    const { numAffectedRows = 0n } = await this.#db.executeQuery(this.#queries.remember(remembered))
    return numAffectedRows > 0n
  }

  async #rememberAndTell(
    remembered: Remembered,
    account: { readonly id: string; readonly name: string },
    circumstances: Circumstances
  ): Promise<boolean> {
    if (!this.#telling?.notices.tells('sign-in')) return this.#remember(remembered)
    const { database, notices } = this.#telling
    const query = this.#queries.rememberAndReturn(remembered)
    return allOrNothing(database, function* () {
      const [row] = yield* run({ compile: () => query })
      if (row) yield* notices.tell(account, { template: 'sign-in' }, circumstances)
      return row !== undefined
    })
  }

  /** @param owner an account's id, or another owner of sessions, who has none; everybody's without it */
  async forget(owner?: string): Promise<void> {
    const all = this.#db.deleteFrom('devices')
    await (owner === undefined ? all : all.where('account', '=', owner)).execute()
  }

  async #usedAt(key: string, id: string, address?: string): Promise<number | undefined> {
    const device = { key, id: stored(id) }
    const { rows } = await this.#db.executeQuery(
      address === undefined ? this.#queries.find(device) : this.#queries.findByEither({ ...device, address })
    )
    return rows[0] && Number(rows[0].used_at)
  }
}

/** Where the owners of accounts are told of other browsers. */
export interface Telling {
  readonly database: Database
  readonly notices: Notices
}

/** A store where ending all sessions of an account, or all others, ends its known browsers too. */
export class DeviceEndingStore extends StoreAround {
  readonly #devices: KnownDevices

  constructor(store: SessionStore, devices: KnownDevices) {
    super(store)
    this.#devices = devices
  }

  override async revokeSome(owner: string, except?: string, below?: number): Promise<readonly string[]> {
    const ended = await this.store.revokeSome(owner, except, below)
    if (ended.length === 0) await this.#devices.forget(owner)
    return ended
  }

  override async revokeEverything(): Promise<number> {
    const ended = await this.store.revokeEverything()
    await this.#devices.forget()
    return ended
  }
}

function newDevice(): string {
  return randomBytes(16).toString('base64url')
}

/** A dump of the database contains nothing for a cookie. Half of SHA-256. */
function stored(id: string): string {
  return hash('sha256', id, 'base64url').slice(0, 22)
}

interface Remembered {
  readonly account: string
  readonly device: string
  /** Of the account; null: whatever it is. */
  readonly version: number | null
  readonly now: number
}

function deviceQueries(db: Kysely<Tables>) {
  const present = db
    .selectFrom('devices')
    .innerJoin('accounts', (join) =>
      join.onRef('accounts.id', '=', 'devices.account').onRef('accounts.version', '=', 'devices.version')
    )
    .select('devices.used_at')
  const former = db
    .selectFrom('former_names')
    .innerJoin('accounts', 'accounts.id', 'former_names.account')
    .select('former_names.key')
  const remembering = ({ account, device, version, now }: Remembered) =>
    db
      .insertInto('devices')
      .columns(['account', 'id', 'version', 'used_at'])
      .expression(
        db
          .selectFrom('accounts')
          .where('id', '=', account)
          .where('version', '=', sql<number>`coalesce(cast(${version} as bigint), version)`)
          .select(({ val }) => [
            'accounts.id as account',
            val(device).as('id'),
            'version',
            sql<number>`cast(${now} as bigint)`.as('used_at')
          ])
      )
      .onConflict((conflict) =>
        conflict.columns(['account', 'id']).doUpdateSet(({ ref }) => ({
          version: ref('excluded.version'),
          used_at: ref('excluded.used_at')
        }))
      )
  return {
    find: compileOnce(({ key, id }: { key: string; id: string }) =>
      present.where('accounts.key', '=', key).where('devices.id', '=', id)
    ),
    findByEither: compileOnce(({ key, id, address }: { key: string; id: string; address: string }) =>
      present
        .where(({ or, eb }) => or([eb('accounts.key', '=', key), eb('accounts.email_key', '=', address)]))
        .where('devices.id', '=', id)
    ),
    formerNames: compileOnce(({ key }: { key: string }) => former.where('accounts.key', '=', key)),
    otherNames: compileOnce(({ key, address }: { key: string; address: string }) =>
      former
        .where(({ or, eb }) => or([eb('accounts.key', '=', key), eb('accounts.email_key', '=', address)]))
        .unionAll(db.selectFrom('accounts').select('key').where('email_key', '=', address))
    ),
    remember: compileOnce(remembering),
    rememberAndReturn: compileOnce((remembered: Remembered) => remembering(remembered).returning('id')),
    trim: compileOnce(({ account }: { account: string }) => {
      const used = db.selectFrom('devices').select('id').where('account', '=', account)
      const last = used.orderBy('used_at', 'desc').orderBy('id').limit(maxDevices)
      return db.deleteFrom('devices').where('account', '=', account).where('id', 'not in', last)
    })
  }
}
