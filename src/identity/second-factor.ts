import type { Role } from './roles.ts'

/** Who needs two factors to sign in: whoever has set a second one up, besides them administrators, or everybody. */
export type SecondFactorPolicy = 'optional' | 'admins' | 'everybody'

/** Whether an account of this role needs a second factor, also if it has none yet. */
export function needsSecondFactor(policy: SecondFactorPolicy, role: Role): boolean {
  return policy === 'everybody' || (policy === 'admins' && role === 'admin')
}
