import type { AuditEvent } from '../audit/audit-event.ts'
import { NoSuchGroupError } from '../errors/errors.ts'
import type { Groups } from '../groups/groups.ts'
import type { Invitation, Invitations, Invited } from '../invitations/invitations.ts'
import { checkReason, type Deed, eventOf } from './deed.ts'

/** Each is looked up when it is used. */
export interface SiteAdministrationNeeds {
  readonly groups: Pick<Groups, 'add' | 'remove'>
  readonly invitations: Pick<Invitations, 'invite' | 'withdraw'>
  readonly record: (event: AuditEvent) => Promise<void>
}

/**
 * What administrators do that concerns no account yet, or many: groups and invitations. Each method records what it did, and
 * nothing when it did nothing. All throw StorageError, and {BadInputError} for a reason that is empty or too long.
 */
export class SiteAdministration {
  readonly #needs: SiteAdministrationNeeds

  constructor(needs: SiteAdministrationNeeds) {
    this.#needs = needs
  }

  /** @returns its name as written @throws {BadInputError} when it cannot be a name @throws {NameTakenError} */
  async addGroup(group: string, deed: Deed): Promise<string> {
    checkReason(deed)
    const added = await this.#needs.groups.add(group)
    if (!added.ok) throw added.error
    await this.#needs.record(eventOf('group-add', undefined, deed, { detail: added.name }))
    return added.name
  }

  /** The accounts in it stay. @param group in any spelling @returns its name as written @throws {NoSuchGroupError} */
  async removeGroup(group: string, deed: Deed): Promise<string> {
    checkReason(deed)
    const removed = await this.#needs.groups.remove(group)
    if (!removed) throw new NoSuchGroupError(group)
    await this.#needs.record(eventOf('group-remove', undefined, deed, { detail: removed.name }))
    return removed.name
  }

  /** Mails a link to make an account. Throws as Invitations.invite does. */
  async invite(invited: Omit<Invited, 'by'>, deed: Deed): Promise<Invitation> {
    checkReason(deed)
    const { by } = deed
    const inviter = by.kind === 'account' && by.id !== undefined ? { id: by.id, name: by.name } : undefined
    const made = await this.#needs.invitations.invite({ ...invited, by: inviter })
    await this.#needs.record(eventOf('invitation-make', undefined, deed, { detail: made.role }))
    return made
  }

  /** @param invitation as listed @returns false when there is none any more */
  async withdraw(invitation: string, deed: Deed): Promise<boolean> {
    checkReason(deed)
    const isWithdrawn = await this.#needs.invitations.withdraw(invitation)
    if (isWithdrawn) await this.#needs.record(eventOf('invitation-withdraw', undefined, deed))
    return isWithdrawn
  }
}
