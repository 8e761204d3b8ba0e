import type { Passkey, PasskeyUse } from '../factors-of.ts'

/**
 * Whether the counter shows that there may be a copy: it did not grow. A signal and no reason to refuse, because synced
 * passkeys do not count (WebAuthn Level 3 §6.1.1).
 */
export function mayBeCopied(
  stored: Pick<Passkey, 'counter'>,
  { counter }: Pick<PasskeyUse, 'counter'>
): boolean {
  return (stored.counter > 0 || counter > 0) && counter <= stored.counter
}
