import { type Kysely, sql } from '#vendor/kysely'
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
  /** The confirmed address. */
  readonly email?: string | undefined
}

/** What apps are told of an account besides its name. */
export type AccountFacts = Pick<PresentAccount, 'groups' | 'email'>

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
  readonly #ask: (id: string) => Promise<Asked>
  /** Another one after each change: what was asked before may be older. */
  #version = 0
  /** Whether anybody is in any group, or has an address; undefined: it is not known. */
  #hasFacts: boolean | undefined

  constructor({ db, listen }: PresentAccountsOptions) {
    this.#ask = groupedByTurn((ids) => askAll(db, ids), maxAsked)
    this.#changes = listen?.((account) => this.#forget(account))
  }

  /**
   * The groups and the address of an account, as in `find`; none if there is no such account. Where nobody is in any group
   * or has an address there is no question, so that apps without both go on while the database is away.
   */
  factsOf(id: string): AccountFacts | Promise<AccountFacts> {
    const known = this.peek(id)
    if (known) return known
    if (this.#changes && this.#hasFacts === false && this.#changes.isCurrent()) return noFacts
    return this.find(id).then((found) => found ?? noFacts)
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
    const { account, hasFacts } = await this.#ask(id)
    // The embedded database tells when it is asked whether it has.
    if (!isTold || !this.#changes?.isCurrent() || before !== this.#version) return account
    this.#hasFacts = hasFacts
    if (account) this.#known.set(id, account)
    return account
  }

  /** Another one after each change that was told, of any account. */
  get version(): number {
    return this.#version
  }

  #forget(account = ''): void {
    this.#version += 1
    this.#hasFacts = undefined
    if (account === '') this.#known.clear()
    else this.#known.delete(account)
  }
}

const noFacts: AccountFacts = { groups: Object.freeze([]) }

interface Asked {
  readonly account: PresentAccount | undefined
  /** Whether anybody is in any group, or has an address. */
  readonly hasFacts: boolean
}

interface Row extends Pick<PresentAccount, 'id' | 'name' | 'role'> {
  readonly group_key: string | null
  readonly group_name: string | null
  readonly email: string | null
}

/** The first row, which is always there, says whether anybody is in any group, or has an address. */
async function askAll(db: Kysely<Tables>, ids: readonly string[]): Promise<readonly Asked[]> {
  const { rows } = await sql<Row & { readonly has_facts: number }>`SELECT
      EXISTS (SELECT 1 FROM group_members) OR EXISTS (SELECT 1 FROM accounts WHERE email_key IS NOT NULL) AS has_facts,
      a.id, a.name, a.role, a.email, g.key AS group_key, g.name AS group_name
    FROM (SELECT 1 AS one) AS always
    LEFT JOIN accounts AS a ON a.id IN (${sql.join([...new Set(ids)])}) AND a.disabled_at IS NULL
    LEFT JOIN group_members AS m ON m.account = a.id LEFT JOIN user_groups AS g ON g.key = m.group_key
    ORDER BY g.key`.execute(db)
  const byId = Map.groupBy(rows, ({ id }) => id)
  const present = new Map([...byId].map(([id, of]) => [id, toPresent(of)]))
  const hasFacts = Boolean(rows[0]?.has_facts)
  return ids.map((id) => ({ account: present.get(id), hasFacts }))
}

/** @param rows of one account, one for each group, or one without */
function toPresent(rows: readonly Row[]): PresentAccount | undefined {
  const [first] = rows
  if (!first) return undefined
  const { id, name, role, email } = first
  const groups = Object.freeze(rows.flatMap(({ group_name }) => group_name ?? []))
  const groupKeys = new Set(rows.flatMap(({ group_key }) => group_key ?? []))
  return Object.freeze({ id, name, role, groups, groupKeys, ...(email !== null && { email }) })
}
