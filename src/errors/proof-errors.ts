import { type DefinedError, defineError, type LatchkeyError } from './define-error.ts'

/** What a person proves: a password, a code from the app, a recovery code, a passkey. */
export type ProofMethod = 'password' | 'totp' | 'recovery' | 'passkey'

/** How many factors: `phishing-resistant` is two, one of them a passkey. */
export type FactorCount = 1 | 2 | 'phishing-resistant'

/** What a request asked for and the session does not have. */
export interface ProofAsked {
  readonly factors: FactorCount
  /** How long ago it may have been proved, such as `10m`; undefined: a day. */
  readonly within?: string | undefined
  /** At a sign-in: nobody is signed in yet. */
  readonly isSignIn?: true
  /** What the account has for it; undefined: not known. */
  readonly methods?: readonly ProofMethod[]
}

const once: ProofAsked = { factors: 1, methods: ['password'] }

const unproved = { status: 401, actor: 'user' } as const

/** The user must re-authenticate: the last proof is too old for this action (ASVS 7.5.3). */
export class RecentProofRequiredError extends asking(
  defineError('LATCHKEY_RECENT_PROOF_REQUIRED', unproved)
) {
  constructor(asked = once) {
    super(asked)
  }
}

/** The password is not enough: a second factor is missing (ASVS 6.3.3). */
export class SecondFactorRequiredError extends asking(
  defineError('LATCHKEY_SECOND_FACTOR_REQUIRED', unproved)
) {}

/** A second factor is missing, and the account has none: it has to be set up first. */
export class SecondFactorNotSetUpError extends asking(
  defineError('LATCHKEY_SECOND_FACTOR_NOT_SET_UP', unproved)
) {}

/** The code is wrong, was used before, or is over. */
export class WrongCodeError extends defineError('LATCHKEY_WRONG_CODE', { status: 401, actor: 'user' }) {}

/** After a hundred wrong codes in a row no code from the app is accepted; recovery codes and passkeys are. */
export class CodesClosedError extends defineError('LATCHKEY_CODES_CLOSED', { status: 429, actor: 'user' }) {}

/** An error that says what was asked for; programs read `methods`. */
function asking<Code extends string>(
  Defined: Pick<DefinedError<Code>, 'definition'> & (new () => LatchkeyError & { readonly code: Code })
) {
  return class extends Defined {
    readonly asked: ProofAsked

    constructor(asked: ProofAsked) {
      super()
      this.asked = asked
    }

    override get members(): Readonly<Record<string, unknown>> {
      const { methods } = this.asked
      return methods ? { methods } : {}
    }
  }
}
