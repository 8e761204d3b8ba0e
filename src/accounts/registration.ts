import { type BadInputError, NameTakenError, RegistrationClosedError } from '../errors/errors.ts'
import type { Account } from './account.ts'

/** Whether who registers names an e-mail address: nobody, whoever wants to, or everybody. */
export type RegistrationEmail = 'off' | 'optional' | 'required'

/** Who may register: anybody until there is an account, anybody, or nobody. */
export type Registration = 'first' | 'open' | 'closed'

export interface RegistrationSettings {
  readonly registration: Registration
  readonly registrationEmail: RegistrationEmail
}

/** Whether an account is made by a link in a mail alone. The first one of `first` is not: nothing else is there to hide. */
export function isByMail({ registration, registrationEmail }: RegistrationSettings): boolean {
  return registration === 'open' && registrationEmail === 'required'
}

export type Refusal =
  | { readonly field: 'username'; readonly error: BadInputError | NameTakenError }
  | { readonly field: 'password'; readonly error: BadInputError }
  | { readonly field: undefined; readonly error: RegistrationClosedError }

export type Registered = { readonly ok: true; readonly account: Account } | ({ readonly ok: false } & Refusal)

/** Another process may remove the only account meanwhile. */
const rememberedMilliseconds = 1000

/** Whether there is any account. While there is, a flood of registrations asks the store once a second. */
export class AnyAccount {
  readonly #store: { isEmpty(): Promise<boolean> }
  #isThereUntil = 0

  constructor(store: { isEmpty(): Promise<boolean> }) {
    this.#store = store
  }

  async isThere(): Promise<boolean> {
    if (performance.now() < this.#isThereUntil) return true
    const isThere = !(await this.#store.isEmpty())
    if (isThere) this.#isThereUntil = performance.now() + rememberedMilliseconds
    return isThere
  }

  /** An account was removed. */
  forget(): void {
    this.#isThereUntil = 0
  }
}

export function taken(): Registered {
  return { ok: false, field: 'username', error: new NameTakenError() }
}

export function isTaken(registered: Registered): boolean {
  return !registered.ok && registered.error instanceof NameTakenError
}

export function closed(): Registered {
  return { ok: false, field: undefined, error: new RegistrationClosedError() }
}
