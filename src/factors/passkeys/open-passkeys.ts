import type { Factors } from '../factors.ts'
import type { Spent } from '../spent.ts'
import { PasskeyChallenges } from './challenges.ts'
import { Passkeys } from './passkeys.ts'
import { type PasskeySettings, relyingParty } from './relying-party.ts'

interface Needed {
  readonly factors: Factors
  readonly spent: Spent
  /** What signs challenges: the first signs, all verify. */
  readonly secrets: readonly string[]
  /** The clock of challenges: milliseconds since 1970. */
  readonly now: () => number
}

export function openPasskeys(
  config: PasskeySettings & { readonly branding: { readonly name: string } },
  { factors, spent, secrets, now }: Needed
): Passkeys {
  const challenges = new PasskeyChallenges(secrets, now)
  return new Passkeys({
    party: relyingParty(config),
    siteName: config.branding.name,
    challenges,
    factors,
    spent
  })
}
