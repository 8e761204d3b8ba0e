import type { ProofKind } from '../../src/identity/account-proofs.ts'

/** The audit trail says what was proved, unless it was the password alone. */
export function detailOf(kinds: readonly ProofKind[]): { readonly detail?: string } {
  return kinds.length === 1 && kinds[0] === 'password' ? {} : { detail: kinds.join(' ') }
}
