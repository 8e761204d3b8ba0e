import type { StoredAccount } from '../accounts/account.ts'
import type { Changed } from '../accounts/changes.ts'
import type { Renamed } from '../accounts/renaming.ts'
import type { AuditEventName } from '../audit/audit-event.ts'
import {
  AccountDisabledError,
  NoAddressError,
  NoSuchAccountError,
  NoSuchGroupError,
  OwnAccountError
} from '../errors/errors.ts'
import type { MadeLink } from '../factors/links.ts'
import type { Owner } from '../identity/owner-key.ts'
import type { Role } from '../identity/roles.ts'
import { needsSecondFactor } from '../identity/second-factor.ts'
import type { Tokens } from '../tokens/tokens.ts'
import type { AdministrationNeeds } from './administration-needs.ts'
import { checkReason, type Deed, type EventDetails, eventOf, mustHaveReason, optionsOf } from './deed.ts'

/** `sessionsEnded` is 1001 if there were more than a thousand. */
export interface Done {
  readonly account: StoredAccount
  readonly sessionsEnded: number
}

/**
 * What administrators do to the account of somebody else, by its id: no password is chosen, no secret shown, and nobody acted
 * as. Each method records what it did and mails it to the owner, and does neither when it changed nothing. All throw
 * {NoSuchAccountError} when the account is gone, {BadInputError} for a reason that is empty or too long, and StorageError;
 * what changes an account also ChangeUnknownError.
 */
export class Administration {
  readonly #needs: AdministrationNeeds

  constructor(needs: AdministrationNeeds) {
    this.#needs = needs
  }

  /** @param session its handle @returns false when the account has no such session */
  async endSession(who: Owner, session: string, deed: Deed): Promise<boolean> {
    const account = await this.#begin(who, deed)
    const isEnded = await this.#needs.sessions.revokeOne(account.id, session)
    if (!isEnded) return false
    await this.#record('session-end', account, deed, { session })
    await this.#needs.tell(account, { did: 'session-end' }, deed)
    return true
  }

  /** Signs somebody out everywhere. */
  async endSessions(who: Owner, deed: Deed): Promise<Done> {
    const account = await this.#begin(who, deed)
    const sessionsEnded = await this.#needs.sessions.revokeAllOf(account)
    await this.#record('sessions-end', account, deed)
    if (sessionsEnded > 0) await this.#needs.tell(account, { did: 'sessions-end' }, deed)
    return { account, sessionsEnded }
  }

  /** Also ends all sessions. @throws {OwnAccountError} @throws {LastAdministratorError} */
  async disable(who: Owner, deed: Deed): Promise<Done> {
    const { id, name } = await this.#beginOther(who, deed)
    const changed = await this.#needs.accounts.disable(name, optionsOf(id, deed))
    return this.#changed('account-disable', { who, changed, deed })
  }

  /** Lets somebody sign in again, and forgets wrong passwords. */
  async enable(who: Owner, deed: Deed): Promise<StoredAccount> {
    const { id, name } = await this.#begin(who, deed)
    const account = await this.#needs.accounts.enable(name, optionsOf(id, deed))
    if (!account) throw new NoSuchAccountError(name)
    await this.#record('account-enable', account, deed)
    await this.#needs.throttle.reset({ name, account: id })
    return account
  }

  /** Forgets wrong passwords, codes and recovery codes, which had closed the account or its codes. It may be disabled. */
  async openAgain(who: Owner, deed: Deed): Promise<StoredAccount> {
    const account = await this.#begin(who, deed)
    const { id, name } = account
    await this.#needs.accounts.forgetFailedAttempts(id)
    await this.#needs.factors.forgetWrongTries(id)
    await this.#record('account-open', account, deed)
    await this.#needs.tell(account, { did: 'account-open' }, deed)
    await this.#needs.throttle.reset({ name, account: id })
    return { ...account, failedAttempts: 0 }
  }

  /** Ends all sessions. An administrator may become one again. @throws {OwnAccountError} @throws {LastAdministratorError} */
  async setRole(who: Owner, role: Role, deed: Deed): Promise<Done> {
    const { id, name } = await this.#beginOther(who, deed)
    const changed = await this.#needs.accounts.setRole(name, role, optionsOf(id, deed))
    return this.#changed('role-change', { who, changed, deed, detail: role })
  }

  /** Nobody is signed out. @returns also the name that it had @throws {BadInputError} @throws {NameTakenError} */
  async rename(who: Owner, to: string, deed: Deed): Promise<Extract<Renamed, { ok: true }>> {
    const { id, name } = await this.#begin(who, deed)
    const renamed = await this.#needs.renaming.rename(name, to, optionsOf(id, deed))
    if (!renamed) throw new NoSuchAccountError(name)
    if (!renamed.ok) throw renamed.error
    await this.#record('account-rename', renamed.account, deed, { formerName: renamed.formerName })
    return renamed
  }

  /** It counts as confirmed. @param address undefined: none @throws {BadInputError} @throws {NameTakenError} */
  async setAddress(who: Owner, address: string | undefined, deed: Deed): Promise<StoredAccount> {
    const { id, name } = await this.#begin(who, deed)
    const changed = await this.#needs.addresses.set(id, address, optionsOf(id, deed).circumstances)
    if (!changed) throw new NoSuchAccountError(name)
    if (!changed.ok) throw changed.error
    await this.#record('address-change', changed.account, deed)
    return changed.account
  }

  /** Removes the account for good. @throws {OwnAccountError} @throws {LastAdministratorError} */
  async remove(who: Owner, deed: Deed): Promise<Done> {
    const { id, name } = await this.#beginOther(who, deed)
    const changed = await this.#needs.accounts.remove(name, optionsOf(id, deed))
    return this.#changed('account-remove', { who, changed, deed })
  }

  /**
   * Removes all second factors and ends all sessions. It needs a reason.
   * @throws {OwnAccountError} @throws {LastSecondFactorError} where SECOND_FACTOR asks administrators for one
   */
  async dropFactors(who: Owner, deed: Deed): Promise<Done> {
    mustHaveReason(deed)
    const account = await this.#beginOther(who, deed)
    const dropped = await this.#needs.factors.dropAll(account.id, this.#dropping(account, deed))
    if (!dropped) throw new NoSuchAccountError(who.name)
    await this.#record('factors-drop', dropped.account, deed)
    return dropped
  }

  /**
   * A link by which its owner chooses a new password: whoever has it can.
   * @param options.dropFactors it removes all second factors too, and needs a reason
   * @returns undefined when the account is disabled, or changes just now
   * @throws {OwnAccountError} @throws {LastSecondFactorError} as dropFactors
   */
  async makeLink(
    who: Owner,
    deed: Deed,
    { dropFactors = false }: { readonly dropFactors?: boolean | undefined } = {}
  ): Promise<MadeLink | undefined> {
    if (dropFactors) mustHaveReason(deed)
    const account = await this.#beginOther(who, deed)
    const purpose = deed.force ? 'password-and-last-factors' : 'password-and-factors'
    const made = dropFactors
      ? await this.#needs.links.make(account, purpose, this.#dropping(account, deed))
      : await this.#needs.links.make(account, 'password', optionsOf(account.id, deed))
    if (made) await this.#record('link-make', account, deed)
    return made
  }

  /**
   * Mails a link for a new password to the confirmed address, as if its owner had asked for one. Call it where mail is on.
   * @throws {NoAddressError} @throws {AccountDisabledError} @throws {BusyError} when too many wait
   */
  async mailLink(who: Owner, deed: Deed): Promise<StoredAccount> {
    const account = await this.#begin(who, deed)
    if (account.disabledAt) throw new AccountDisabledError(account.name)
    if (account.email === undefined) throw new NoAddressError(account.name)
    const { by, address = '', reason } = deed
    await this.#needs.resets.ask({ typed: account.name, address, by, reason })
    await this.#record('reset-request', account, deed)
    return account
  }

  /** Nobody is signed out. @returns the name of the group as written @throws {NoSuchGroupError} */
  async changeGroup(who: Owner, group: string, step: 'join' | 'leave', deed: Deed): Promise<string> {
    const account = await this.#begin(who, deed)
    const done = await this.#needs.groups[step](account.id, group)
    if (!done.ok) throw new NoSuchGroupError(group)
    if (!done.changed) return done.group
    await this.#record(`group-${step}`, account, deed, { detail: done.group })
    await this.#needs.tell(account, { did: `group-${step}`, group: done.group }, deed)
    return done.group
  }

  /** @param token its id @returns undefined when the account has no such token */
  async endToken(who: Owner, token: string, deed: Deed): ReturnType<Tokens['end']> {
    const account = await this.#begin(who, deed)
    const ended = await this.#needs.tokens.end(account.id, token, optionsOf(account.id, deed).circumstances)
    if (ended) await this.#record('token-end', account, deed, { detail: ended.name })
    return ended
  }

  /** @returns how many there were */
  async endTokens(who: Owner, deed: Deed): Promise<number> {
    const account = await this.#begin(who, deed)
    const ended = await this.#needs.tokens.endAll(account.id, optionsOf(account.id, deed).circumstances)
    if (ended > 0) await this.#record('tokens-end', account, deed)
    return ended
  }

  async #begin(who: Owner, deed: Deed): Promise<StoredAccount> {
    checkReason(deed)
    const account = await this.#needs.accounts.findById(who.id)
    if (!account) throw new NoSuchAccountError(who.name)
    return account
  }

  async #beginOther(who: Owner, deed: Deed): Promise<StoredAccount> {
    if (deed.by.kind === 'account' && deed.by.id === who.id) throw new OwnAccountError()
    return this.#begin(who, deed)
  }

  #dropping({ id, role }: StoredAccount, deed: Deed) {
    const { force = false, reason } = deed
    const exceptLast = !force && role === 'admin' && needsSecondFactor(this.#needs.secondFactor, role)
    return { exceptLast, reason, circumstances: optionsOf(id, deed).circumstances }
  }

  async #changed(event: AuditEventName, { who, changed, deed, detail }: ChangeMade): Promise<Done> {
    if (!changed.ok) throw new NoSuchAccountError(who.name)
    await this.#record(event, changed.account, deed, { detail })
    return changed
  }

  #record(event: AuditEventName, account: Owner, deed: Deed, more?: EventDetails): Promise<void> {
    return this.#needs.record(eventOf(event, account, deed, more))
  }
}

interface ChangeMade {
  readonly who: Owner
  readonly changed: Changed
  readonly deed: Deed
  readonly detail?: string
}
