import type { Kysely } from '#vendor/kysely'
import type { Tables } from '../database/tables.ts'
import { beginningOfAddress } from '../identity/email-address.ts'
import { nameKey } from '../identity/names.ts'
import type { StoredAccount } from './account.ts'
import { toAccount } from './account-rows.ts'
import { accountsByTerm } from './accounts-by-term.ts'
import { accountsByTime } from './accounts-by-time.ts'
import {
  type Direction,
  type Order,
  type Position,
  readCursor,
  type Sort,
  writeCursor
} from './search-order.ts'

export type { Direction, Sort } from './search-order.ts'
export { sorts } from './search-order.ts'

export interface SearchOptions {
  /** How the name or the address begins, in any spelling. Empty or missing: everybody. */
  readonly startsWith?: string | undefined
  /**
   * By default the name; in a search what was found, which is the name or the address. By `last-sign-in`, whoever never
   * signed in counts as the earliest.
   */
  readonly sort?: Sort | undefined
  /** By default names ascending, and the latest times first. */
  readonly direction?: Direction | undefined
  /** The `next` of the page before, of the same search, sort and direction. */
  readonly after?: string | undefined
  /** The `previous` of the page behind. */
  readonly before?: string | undefined
  /** How many, from 1 to 1000. By default 25. */
  readonly limit?: number | undefined
}

export interface FoundAccounts {
  /** Where there is a `next` too, there may be fewer than asked for. */
  readonly accounts: readonly StoredAccount[]
  /** Where the next page begins: an opaque text. Undefined: this was the last page. */
  readonly next: string | undefined
  /** Where the page before it ends: an opaque text. Undefined: this was the first page. */
  readonly previous: string | undefined
}

interface Span {
  readonly after: Position | undefined
  readonly before: Position | undefined
  readonly limit: number
}

const opposite = { ascending: 'descending', descending: 'ascending' } as const

/**
 * Finds accounts for whoever looks after them, page by page. A page costs as much wherever it is and however many accounts
 * there are: it begins at a place in an index, and looks at a few thousand at most. Accounts that come or go meanwhile
 * move no other one from page to page; by `last-sign-in` those move that sign in meanwhile.
 */
export class AccountSearch {
  readonly #db: Kysely<Tables>

  constructor(db: Kysely<Tables>) {
    this.#db = db
  }

  /** @throws {BadInputError} when `after` belongs to another search; StorageError when the database cannot answer */
  async search({ startsWith = '', limit = 25, ...how }: SearchOptions = {}): Promise<FoundAccounts> {
    const { sort = 'name', direction = sort === 'name' ? 'ascending' : 'descending' } = how
    const prefixes = { key: nameKey(startsWith), email_key: beginningOfAddress(startsWith) }
    // Of nothing that can be seen, or too long.
    if (startsWith.trim() !== '' && !(prefixes.key && prefixes.email_key))
      return { accounts: [], next: undefined, previous: undefined }
    const order = { sort, direction, startsWith: startsWith.trim(), prefixes }
    const [after, before] = [readCursor(how.after, order), readCursor(how.before, order)]
    const { page, rest } = await this.#places(order, { after, before, limit })
    const cursor = (position: Position | undefined) => position && writeCursor(order, position)
    const [first, last] = [page[0]?.position, page.at(-1)?.position]
    if (!before) {
      const accounts = await this.#read(page.map(({ key }) => key))
      return { accounts, next: cursor(rest), previous: cursor(after && first) }
    }
    // Nothing is left out of the first page.
    if (!rest && page.length < limit) return this.search({ startsWith, limit, sort, direction })
    const accounts = await this.#read(page.map(({ key }) => key).reverse())
    return { accounts, next: cursor(first ?? before), previous: cursor(rest && (last ?? rest)) }
  }

  /** Those before a place the other way round. @returns `rest`: where it goes on, if there are more */
  async #places({ sort, ...order }: Order, { after, before, limit }: Span) {
    const { direction } = order
    const way = before ? opposite[direction] : direction
    const { places, reached } =
      sort === 'name'
        ? await accountsByTerm(this.#db, { ...order, sort, direction: way }, before ?? after, limit + 1)
        : await accountsByTime(this.#db, { ...order, sort, direction: way }, before ?? after, limit + 1)
    const page = places.slice(0, limit)
    return { page, rest: places.length > limit ? page.at(-1)?.position : reached }
  }

  async #read(keys: readonly string[]): Promise<readonly StoredAccount[]> {
    if (keys.length === 0) return []
    const rows = await this.#db.selectFrom('accounts').selectAll().where('key', 'in', keys).execute()
    const byKey = new Map(rows.map((row) => [row.key, row]))
    return keys.flatMap((key) => {
      const row = byKey.get(key)
      return row ? [toAccount(row)] : []
    })
  }
}
