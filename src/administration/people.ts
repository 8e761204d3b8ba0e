import type { StoredAccount } from '../accounts/account.ts'
import type { AccountSearch, FoundAccounts, SearchOptions } from '../accounts/account-search.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { AuditEntry } from '../audit/audit-event.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { Factors } from '../factors/factors.ts'
import type { FactorsOf } from '../factors/factors-of.ts'
import type { Groups } from '../groups/groups.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { ListRequest, SessionList } from '../sessions/user-sessions.ts'
import { closedTo } from '../throttle/allowances.ts'
import type { ListedToken, Tokens } from '../tokens/tokens.ts'

export interface PeopleNeeds {
  readonly accounts: Pick<Accounts, 'findById'>
  readonly search: AccountSearch
  readonly sessions: Pick<Sessions, 'listByUser'>
  readonly factors: Pick<Factors, 'of'>
  readonly groups: Pick<Groups, 'of'>
  readonly tokens: Pick<Tokens, 'list'>
  readonly audit: Pick<AuditTrail, 'list'>
}

/** One person, as an administrator sees them: nothing here opens anything. */
export interface Person {
  /** `createdAt`: since when; `disabledAt`; `failedAttempts`: wrong passwords in a row; `email` if it is confirmed. */
  readonly account: Omit<StoredAccount, 'passwordHash'>
  /** Where no password is accepted after too many wrong ones. */
  readonly closedTo: ReturnType<typeof closedTo>
  /** When a session was used last, to about a minute, or the last sign-in; undefined: never, as far as is known. */
  readonly lastSeenAt: Date | undefined
  /** A page, the last used first. */
  readonly sessions: SessionList
  /** With what is closed of them after too many wrong codes. */
  readonly factors: FactorsOf
  /** Names, ordered. */
  readonly groups: readonly string[]
  /** The latest first. */
  readonly tokens: readonly ListedToken[]
  /** The latest events, the newest first. */
  readonly activity: readonly AuditEntry[]
}

const activityLength = 20

/** What administrators look up. Every method throws StorageError. */
export class People {
  readonly #needs: PeopleNeeds

  constructor(needs: PeopleNeeds) {
    this.#needs = needs
  }

  /** See AccountSearch. */
  search(options?: SearchOptions): Promise<FoundAccounts> {
    return this.#needs.search.search(options)
  }

  /**
   * @param id of the account
   * @param page of its sessions
   * @returns undefined when there is none @throws {RangeError} when a cursor is none
   */
  async find(id: string, page?: ListRequest): Promise<Person | undefined> {
    const { accounts, audit, factors, groups, sessions, tokens } = this.#needs
    const found = await accounts.findById(id)
    if (!found) return undefined
    const [listed, has, of, made, activity] = await Promise.all([
      sessions.listByUser(id, page),
      factors.of(id),
      groups.of(id),
      tokens.list(id),
      audit.list(id, activityLength)
    ])
    const { passwordHash: _, ...account } = found
    return {
      account,
      closedTo: closedTo(account.failedAttempts),
      lastSeenAt: latest([account.signedInAt, ...listed.sessions.map(({ seenAt }) => seenAt)]),
      sessions: listed,
      factors: has,
      groups: of,
      tokens: made,
      activity
    }
  }
}

function latest(times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.flatMap((time) => time?.getTime() ?? [])
  return known.length === 0 ? undefined : new Date(Math.max(...known))
}
