import type { Message } from '../i18n/texts.ts'
import { nameKey } from '../identity/names.ts'
import { PasswordPolicy, type PasswordPolicyOptions } from './password-policy.ts'
import type { Passwords } from './passwords.ts'
import { flowOf } from './verification.ts'

/** A name and a password as typed, neither checked yet. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface NewPasswordsOptions extends PasswordPolicyOptions {
  readonly passwords: Passwords
}

export type NewPassword =
  | { readonly ok: true; readonly hash: string }
  | { readonly ok: false; readonly reason: Message }

/** Makes hashes of new passwords that the policy accepts. */
export class NewPasswords {
  readonly #passwords: Passwords
  readonly #policy: PasswordPolicy

  constructor({ passwords, ...policy }: NewPasswordsOptions) {
    this.#passwords = passwords
    this.#policy = new PasswordPolicy(policy)
  }

  /** In code points. */
  get minLength(): number {
    return this.#policy.minLength
  }

  /**
   * @param address the client's, for a fair queue
   * @returns its hash; or why it was refused, and how to improve it
   */
  async hash({ username, password }: Credentials, address?: string): Promise<NewPassword> {
    const check = await this.#policy.check({ username, password })
    if (!check.ok) return check
    return { ok: true, hash: await this.#passwords.hash(password, flowOf(nameKey(username), address)) }
  }
}
