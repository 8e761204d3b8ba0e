import { isAccountId } from './account-id.ts'

/** No id contains it. */
const prefix = 'name:'
/** Far longer than the name of an account. */
const maxLength = 512

/** The fields of a session that say whose it is. An app that shares it may store anything under these names. */
export interface OwnerFields {
  /** The name, which is a label where there is an account. */
  readonly user?: unknown
  /** The id of the account. */
  readonly account?: unknown
}

/**
 * Whose a session is: the id of the account, or `name:<name>` if an app signed somebody in by a name alone. Lists of
 * sessions, their limits and their endings go by it.
 * @returns undefined if nobody is signed in, `account` is not the id of an account, or no database could hold the name
 */
export function ownerKeyOf({ user, account }: OwnerFields): string | undefined {
  if (typeof user !== 'string' || !isStorable(user)) return undefined
  if (account === undefined) return ownerKeyOfName(user)
  return isAccountId(account) ? account : undefined
}

/** PostgreSQL stores no null character and indexes no long text, SQLite and Redis change halves of characters. */
function isStorable(name: string): boolean {
  return name !== '' && name.length <= maxLength && name.isWellFormed() && !name.includes('\0')
}

/** An account, or a signed-in user. */
export interface Owner {
  /** See ownerKeyOf. */
  readonly id: string
  readonly name: string
}

/** The keys of all sessions that a change of an account ends: those of its name alone are among them. */
export function ownerKeysOf({ id, name }: Owner): readonly string[] {
  return [...new Set([id, ownerKeyOfName(name)])]
}

/** The owner of sessions that were made from a name alone, whether or not an account has it too. */
export function ownerKeyOfName(name: string): string {
  return prefix + name
}

/** The name in such a key; undefined for the id of an account. */
export function nameOfOwnerKey(key: string): string | undefined {
  return key.startsWith(prefix) ? key.slice(prefix.length) : undefined
}
