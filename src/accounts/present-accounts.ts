import { type Kysely, sql } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { groupedByTurn } from '../endings/grouped-by-turn.ts'
import type { Role } from '../identity/roles.ts'
import { LruCache } from '../primitives/lru-cache.ts'

/** What an account is now, whatever a session says. */
export interface PresentAccount {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** The names of its groups as written, ordered by key. Frozen; the same array until something changes. */
  readonly groups: readonly string[]
  /** The same as `nameKey` has them, to compare with. */
  readonly groupKeys: ReadonlySet<string>
}

/** Tells which accounts have changed, in this process or another. */
export interface AccountChanges {
  /** Whether everything up to a moment ago was told. */
  isCurrent(): boolean
}

export interface PresentAccountsOptions {
  readonly db: Kysely<Tables>
  /**
   * From now on `changed` is called with the id of an account that may have changed, an empty one or none when any may
   * have. Missing: nobody tells, and the database is asked each time.
   */
  readonly listen?: ((changed: (account?: string) => void) => AccountChanges | undefined) | undefined
}

const maxAccounts = 20_000
/** Groups of all of them: few people have hundreds. */
const maxGroups = 1_000_000
/** Accounts in one question. */
const maxAsked = 500

/**
 * Accounts as they are now. What is known is known of the last moment, within the time in which an ending is told; what is
 * not is one question to the database for all of a turn. A disabled account is none.
 */
export class PresentAccounts {
  readonly #known = new LruCache<string, PresentAccount>(maxAccounts, {
    max: maxGroups,
    weigh: ({ groups }) => 1 + groups.length
  })
  readonly #changes: AccountChanges | undefined
  readonly #ask: (id: string) => Promise<PresentAccount | undefined>
  /** Another one after each change: what was asked before may be older. */
  #version = 0

  constructor({ db, listen }: PresentAccountsOptions) {
    this.#ask = groupedByTurn((ids) => askAll(db, ids), maxAsked)
    this.#changes = listen?.((account) => this.#forget(account))
  }

  /** What is known without a question; undefined: ask. */
  peek(id: string): PresentAccount | undefined {
    return this.#changes?.isCurrent() ? this.#known.get(id) : undefined
  }

  /** @returns undefined when there is no such account, or it is disabled. Throws StorageError. */
  async find(id: string): Promise<PresentAccount | undefined> {
    const known = this.peek(id)
    if (known) return known
    const isTold = this.#changes?.isCurrent() ?? false
    const before = this.#version
    const found = await this.#ask(id)
    // The embedded database tells when it is asked whether it has.
    if (found && isTold && this.#changes?.isCurrent() && before === this.#version) this.#known.set(id, found)
    return found
  }

  #forget(account = ''): void {
    this.#version += 1
    if (account === '') this.#known.clear()
    else this.#known.delete(account)
  }
}

interface Row extends Pick<PresentAccount, 'id' | 'name' | 'role'> {
  readonly group_key: string | null
  readonly group_name: string | null
}

async function askAll(
  db: Kysely<Tables>,
  ids: readonly string[]
): Promise<readonly (PresentAccount | undefined)[]> {
  const { rows } = await sql<Row>`SELECT a.id, a.name, a.role, g.key AS group_key, g.name AS group_name
    FROM accounts AS a LEFT JOIN group_members AS m ON m.account = a.id LEFT JOIN user_groups AS g ON g.key = m.group_key
    WHERE a.id IN (${sql.join([...new Set(ids)])}) AND a.disabled_at IS NULL ORDER BY g.key`.execute(db)
  const byId = Map.groupBy(rows, ({ id }) => id)
  const present = new Map([...byId].map(([id, of]) => [id, toPresent(of)]))
  return ids.map((id) => present.get(id))
}

/** @param rows of one account, one for each group, or one without */
function toPresent(rows: readonly Row[]): PresentAccount | undefined {
  const [first] = rows
  if (!first) return undefined
  const { id, name, role } = first
  const groups = Object.freeze(rows.flatMap(({ group_name }) => group_name ?? []))
  const groupKeys = new Set(rows.flatMap(({ group_key }) => group_key ?? []))
  return Object.freeze({ id, name, role, groups, groupKeys })
}
