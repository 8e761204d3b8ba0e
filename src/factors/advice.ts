import type { FactorsOf } from './factors-of.ts'

/** What somebody had better do next, so that they are neither robbed nor locked out. */
export type Advice = 'recovery' | 'second' | 'passkey'

/** So many recovery codes are few. */
const few = 3

/** @param offersPasskeys whether one can be added here. @returns undefined when there is nothing to do */
export function adviceFor(
  { codes, passkeys, recoveryCodes }: FactorsOf,
  { offersPasskeys }: { readonly offersPasskeys: boolean }
): Advice | undefined {
  if (!codes && passkeys.length === 0) return undefined
  if (recoveryCodes.isClosed || recoveryCodes.left <= few) return 'recovery'
  const [only, ...others] = passkeys
  if (only && others.length === 0 && !codes && !only.isBackedUp) return 'second'
  return !only && offersPasskeys ? 'passkey' : undefined
}
