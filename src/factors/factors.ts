import type { AccountState } from '../accounts/account.ts'
import { applied, confirmed } from '../accounts/changes.ts'
import type { RevocableSessions } from '../accounts/revocable-sessions.ts'
import type { KeyRing } from '../encryption/key-ring.ts'
import { placeOfSeed } from '../encryption/key-upkeep.ts'
import { SignInUndoneError } from '../errors/errors.ts'
import type { Circumstances } from '../mail/notices.ts'
import { processClock } from '../primitives/clock.ts'
import type { DropOptions, FactorChanged } from './factor-changes.ts'
import type { FactorChangeOptions } from './factor-changes-store.ts'
import type {
  CodeResult,
  FactorsOf,
  NewPasskey,
  Passkey,
  PasskeyUse,
  RecordedFactor,
  RecoveryCodeResult
} from './factors-of.ts'
import type { FactorsStore } from './factors-store.ts'
import { recoveryCodeHash } from './recovery-codes.ts'

export interface FactorsOptions {
  readonly store: FactorsStore
  readonly sessions: RevocableSessions
  readonly keys: KeyRing
  /** The clock of one-time codes: milliseconds since 1970. */
  readonly now?: () => number
}

export interface FactorOptions {
  /** The id of the session that continues. */
  readonly keep?: string | undefined
  /** Who did it, and from where: the owner is told. */
  readonly circumstances?: Circumstances | undefined
}

/** The result of a change that may end sessions. */
export interface ChangedFactors extends FactorChanged {
  readonly sessionsEnded: number
}

/**
 * Second factors of accounts. Every method throws StorageError if the database fails, and what changes factors also
 * {ChangeUnknownError} as Accounts does, and {SignInUndoneError} when the account has changed since the password was
 * verified. When the first one is added, and when one is removed, all other sessions of the account end.
 */
export class Factors {
  readonly #store: FactorsStore
  readonly #sessions: RevocableSessions
  readonly #keys: KeyRing
  readonly #now: () => number

  constructor({ store, sessions, keys, now = processClock }: FactorsOptions) {
    this.#store = store
    this.#sessions = sessions
    this.#keys = keys
    this.#now = now
  }

  /** Whether one-time codes can be set up: their seeds need a key. */
  get offersCodes(): boolean {
    return this.#keys.currentId !== undefined
  }

  of(accountId: string): Promise<FactorsOf> {
    return this.#store.of(accountId)
  }

  /** Every second factor that the account ever had, the oldest first: for whoever has to find out what happened. */
  recorded(accountId: string): Promise<readonly RecordedFactor[]> {
    return this.#store.recorded(accountId)
  }

  /**
   * Sets one-time codes up once a code of the seed is right, in place of those that the account has. That code does not
   * count again.
   * @param seed see newSeed
   * @returns undefined when the code is wrong
   */
  async addCodes(
    state: AccountState,
    { seed, code }: { readonly seed: string; readonly code: string },
    options: FactorOptions = {}
  ): Promise<ChangedFactors | undefined> {
    const { stepOf } = await import('./one-time-codes.ts')
    const step = stepOf(code, seed, this.#now())
    if (step === undefined) return undefined
    const sealed = this.#keys.seal(seed, placeOfSeed(state.id))
    return this.#changed(state, options, (how) => this.#store.addTotp(state, { seed: sealed, step }, how))
  }

  /**
   * Verifies a one-time code. Each counts once, across processes: after it none of its 30 seconds or before does. Wrong
   * ones in a row are counted with the factor, and close it alone.
   */
  async takeCode(accountId: string, code: string): Promise<CodeResult> {
    const tried = await this.#store.countCode(accountId)
    if (!tried) return (await this.#store.of(accountId)).codes ? 'closed' : 'none'
    const seed = this.#keys.open(tried.seed, placeOfSeed(accountId))
    if (seed === undefined) {
      await this.#store.uncountCode(tried.id)
      return 'unreadable'
    }
    const { stepOf } = await import('./one-time-codes.ts')
    const step = stepOf(code, seed, this.#now())
    if (step === undefined) return 'wrong'
    if (step <= tried.lastStep) return 'used'
    return (await this.#store.spendStep({ id: tried.id, step })) ? 'right' : 'used'
  }

  /** Verifies a recovery code, however it is typed. Each counts once, and gets a replacement. */
  async takeRecoveryCode(
    accountId: string,
    code: string,
    circumstances?: Circumstances
  ): Promise<RecoveryCodeResult> {
    if (!(await this.#store.countRecoveryCode(accountId))) return { result: 'closed' }
    const hash = recoveryCodeHash(code)
    const replacement = hash && (await this.#store.spendRecoveryCode(accountId, hash, circumstances))
    return replacement ? { result: 'right', replacement } : { result: 'wrong' }
  }

  /** Ten new ones, to be shown once. They end the old. @returns undefined without a second factor */
  newRecoveryCodes(
    state: AccountState,
    circumstances?: Circumstances
  ): Promise<readonly string[] | undefined> {
    return this.#store.newRecoveryCodes(state, circumstances)
  }

  /** @returns undefined when somebody has this credential already */
  async addPasskey(
    state: AccountState,
    passkey: NewPasskey,
    options: FactorOptions = {}
  ): Promise<ChangedFactors | undefined> {
    if (await this.#store.findPasskey(passkey.id)) return undefined
    return this.#changed(state, options, (how) => this.#store.addPasskey(state, passkey, how))
  }

  findPasskey(id: string): Promise<Passkey | undefined> {
    return this.#store.findPasskey(id)
  }

  /** A domain that there are passkeys for, other than this one. @returns undefined if there are none */
  otherPasskeyDomain(rpId: string): Promise<string | undefined> {
    return this.#store.otherPasskeyDomain(rpId)
  }

  /** Notes what an assertion says that was right. @returns false when the passkey is gone: then it does not count */
  usePasskey(id: string, use: PasskeyUse): Promise<boolean> {
    return this.#store.usePasskey(id, use)
  }

  /** @returns false when the account has no such passkey */
  renamePasskey(accountId: string, id: string, name: string): Promise<boolean> {
    return this.#store.renamePasskey(accountId, id, name)
  }

  /** @throws {SignInUndoneError} also when there is no such passkey any more */
  removePasskey(state: AccountState, id: string, options: FactorOptions = {}): Promise<ChangedFactors> {
    return this.#changed(state, options, (how) => this.#store.removePasskey(state, id, how))
  }

  /** @throws {SignInUndoneError} also when there are none any more */
  removeCodes(state: AccountState, options: FactorOptions = {}): Promise<ChangedFactors> {
    return this.#changed(state, options, (how) => this.#store.removeTotp(state, how))
  }

  /** Opens codes and recovery codes again that too many wrong ones have closed. */
  forgetWrongTries(accountId: string): Promise<void> {
    return this.#store.forgetWrongTries(accountId)
  }

  /** Removes all second factors and the recovery codes. @returns undefined when there is no such account */
  async dropAll(accountId: string, options?: DropOptions): Promise<ChangedFactors | undefined> {
    const changed = await confirmed(this.#store.dropAll(accountId, options))
    return changed && this.#endSessions(changed)
  }

  async #changed(
    state: AccountState,
    { keep, circumstances }: FactorOptions,
    change: (how: FactorChangeOptions) => Promise<FactorChanged | undefined>
  ): Promise<ChangedFactors> {
    const keptSession = keep && this.#sessions.keyOf(keep)
    const changed = await confirmed(change({ keptSession, circumstances }))
    if (!changed) throw new SignInUndoneError()
    if (changed.account.version === state.version) return { ...changed, sessionsEnded: 0 }
    return this.#endSessions(changed, keep)
  }

  /** The database has ended them in the transaction that made the change. */
  async #endSessions(changed: FactorChanged, keep?: string): Promise<ChangedFactors> {
    const { account } = changed
    return {
      ...changed,
      sessionsEnded: await applied(this.#sessions.applyChange(account, account.version, keep))
    }
  }
}
