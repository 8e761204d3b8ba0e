import type { FactorCount, ProofMethod } from '../errors/proof-errors.ts'
import { parseDuration } from '../primitives/durations.ts'

/**
 * When which factor was last proved in a session: milliseconds since 1970. What is missing was not proved. `verified`:
 * when the passkey's owner was verified too, by a fingerprint or a PIN.
 */
export type AccountProofs = { readonly [Kind in ProofKind]?: number }

export type ProofKind = ProofMethod | 'verified'

export const proofKinds = [
  'password',
  'totp',
  'recovery',
  'passkey',
  'verified'
] as const satisfies ProofKind[]

/** Clocks of two machines differ by less. */
export const maxClockSkewMilliseconds = 60_000

/** How long a proof counts where nobody says how long (NIST SP 800-63B-4 §2.2.3). */
export const proofLifetimeMilliseconds = 24 * 60 * 60 * 1000

/** What somebody asks of a session. */
export interface Demand {
  /** One by default. */
  readonly factors?: FactorCount | undefined
  /** How long ago they may have been proved, such as `10m`; undefined: a day for two factors, and any time for one. */
  readonly within?: string | undefined
}

/**
 * Whether a session has proved what is asked. Whoever is signed in has proved one factor, however long ago.
 * @param now milliseconds since 1970
 */
export function isProved(proofs: AccountProofs | undefined, demand: Demand, now: number): boolean {
  const { factors = 1, within } = demand
  if (factors === 1 && within === undefined) return true
  return suffices(freshProofs(proofs, within, now), factors)
}

/** The proofs that are not older than this, and not of the future. */
export function freshProofs(
  proofs: AccountProofs | undefined,
  within: string | undefined,
  now: number
): AccountProofs {
  const longest = within === undefined ? proofLifetimeMilliseconds : parseDuration(within)
  const fresh: { [Kind in ProofKind]?: number } = {}
  for (const kind of proofKinds) {
    const at = proofs?.[kind]
    if (at !== undefined && isWithin(at, longest, now)) fresh[kind] = at
  }
  return fresh
}

/** Whether these proofs, however old, are so many factors. */
export function suffices(proofs: AccountProofs | undefined, factors: FactorCount): boolean {
  const count = factorsIn(proofs)
  if (factors !== 'phishing-resistant') return count >= factors
  return count === 2 && proofs?.passkey !== undefined
}

/**
 * How many factors: what somebody knows, and what somebody has. A passkey whose owner was verified is two, any other is
 * one (NIST SP 800-63B-4 §3.1.6.2, §3.1.7.2).
 */
export function factorsIn(proofs: AccountProofs | undefined): 0 | 1 | 2 {
  if (proofs === undefined) return 0
  if (isOwnerVerified(proofs)) return 2
  const has = hasSecond(proofs)
  if (proofs.password === undefined) return has ? 1 : 0
  return has ? 2 : 1
}

/** Whether something other than the password was proved. */
export function hasSecond({ totp, recovery, passkey }: AccountProofs): boolean {
  return totp !== undefined || recovery !== undefined || passkey !== undefined
}

/** The verification counts with its own passkey only. */
function isOwnerVerified({ passkey, verified }: AccountProofs): boolean {
  return passkey !== undefined && verified !== undefined
}

/** The list of kinds, in a fixed order. */
export function kindsOf(proofs: AccountProofs): readonly ProofKind[] {
  return proofKinds.filter((kind) => proofs[kind] !== undefined)
}

/** A store may contain anything. */
function isWithin(at: number, longest: number, now: number): boolean {
  return Number.isFinite(at) && at <= now + maxClockSkewMilliseconds && now - at <= longest
}
