/** Signs and verifies cookies: the first secret signs, all verify. */
export interface Signer {
  sign(id: string): string
  unsign(token: string): Unsigned
}

export interface Unsigned {
  readonly valid: boolean
  /** Whether it was signed with an older secret. */
  readonly renew: boolean
  readonly value: string | null
}
