import { BadInputError, NameTakenError } from '../errors/errors.ts'
import { checkName, nameKey } from '../identity/names.ts'
import type { Group, GroupsStore, MembersPage } from './groups-store.ts'

export type GroupAdded =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly error: BadInputError | NameTakenError }

/** `joined` and `left`: it was so already where it is false. */
export type MembershipChanged =
  | { readonly ok: true; readonly group: string; readonly changed: boolean }
  | { readonly ok: false; readonly reason: 'no group' }

export interface GroupsOptions {
  readonly store: GroupsStore
  /** When it resolves, every process knows whose groups have changed. Throws StorageError. */
  readonly tell: () => Promise<void>
}

/**
 * Everything that can be done with groups. A change counts at the next request, in every process, and signs nobody out.
 * Names are as those of accounts. Every method throws StorageError; then a change may have been made, and making it again
 * is safe.
 */
export class Groups {
  readonly #store: GroupsStore
  readonly #tell: GroupsOptions['tell']

  constructor({ store, tell }: GroupsOptions) {
    this.#store = store
    this.#tell = tell
  }

  async add(name: string): Promise<GroupAdded> {
    const checked = checkName(name)
    if (!checked.ok) return { ok: false, error: new BadInputError(checked.reason) }
    const isAdded = await this.#store.add(checked)
    return isAdded ? { ok: true, name: checked.name } : { ok: false, error: new NameTakenError() }
  }

  /** Nobody is in it from then on. @returns undefined when there is none */
  async remove(name: string): Promise<Group | undefined> {
    const removed = await this.#store.remove(nameKey(name))
    await this.#tell()
    return removed
  }

  /** All groups with the number of their members, ordered by name. */
  list(): ReturnType<GroupsStore['list']> {
    return this.#store.list()
  }

  find(name: string): Promise<Group | undefined> {
    return this.#store.find(nameKey(name))
  }

  /** The names of its members. @param page.after the page starts after this name */
  members(name: string, { after, limit }: MembersPage): Promise<readonly string[]> {
    return this.#store.members(nameKey(name), { after: after === undefined ? after : nameKey(after), limit })
  }

  /** The names of the groups of an account, ordered, as the database has them. @param account its id */
  async of(account: string): Promise<readonly string[]> {
    return (await this.#store.of([account])).get(account) ?? []
  }

  /** @param account its id */
  async join(account: string, name: string): Promise<MembershipChanged> {
    return this.#change(name, (key) => this.#store.join(account, key))
  }

  /** @param account its id */
  async leave(account: string, name: string): Promise<MembershipChanged> {
    return this.#change(name, (key) => this.#store.leave(account, key))
  }

  async #change(name: string, step: (key: string) => Promise<boolean>): Promise<MembershipChanged> {
    const key = nameKey(name)
    const group = await this.#store.find(key)
    if (!group) return { ok: false, reason: 'no group' }
    const changed = await step(key)
    // It may have been made before, by a call whose answer was lost.
    await this.#tell()
    return { ok: true, group: group.name, changed }
  }
}
