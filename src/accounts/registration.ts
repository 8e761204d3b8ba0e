import { type BadInputError, NameTakenError, RegistrationClosedError } from '../errors/errors.ts'
import type { Account } from './account.ts'

/** Who may register: anybody until there is an account, anybody, or nobody. */
export type Registration = 'first' | 'open' | 'closed'

export type Refusal =
  | { readonly field: 'username'; readonly error: BadInputError | NameTakenError }
  | { readonly field: 'password'; readonly error: BadInputError }
  | { readonly field: undefined; readonly error: RegistrationClosedError }

export type Registered = { readonly ok: true; readonly account: Account } | ({ readonly ok: false } & Refusal)

export function taken(): Registered {
  return { ok: false, field: 'username', error: new NameTakenError() }
}

export function closed(): Registered {
  return { ok: false, field: undefined, error: new RegistrationClosedError() }
}
