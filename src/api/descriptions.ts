import type { FromSchema } from 'json-schema-to-ts'
import type { StoredAccount } from '../accounts/account.ts'
import type { SessionSummary } from '../sessions/session-summary.ts'
import { closedTo } from '../throttle/allowances.ts'
import type { ListedToken as StoredToken } from '../tokens/tokens.ts'
import type { ListedAccount, ListedSession } from './schemas.ts'
import type { ListedToken } from './token-schemas.ts'

/** @param own the handle of the current session */
export function describeSession(summary: SessionSummary, own: string): FromSchema<typeof ListedSession> {
  const { handle, startedAt, seenAt, endsAt, remembered, address = null, device, userAgent = null } = summary
  return {
    session: handle,
    isThis: handle === own,
    startedAt: startedAt.toISOString(),
    seenAt: seenAt.toISOString(),
    endsAt: endsAt.toISOString(),
    remembered,
    address,
    browser: device.browser ?? null,
    system: device.system ?? null,
    userAgent
  }
}

export function describeAccount(
  account: Omit<StoredAccount, 'passwordHash'>
): FromSchema<typeof ListedAccount> {
  const { id, name, role, createdAt, signedInAt, disabledAt, email, failedAttempts, secondFactors } = account
  return {
    id,
    name,
    role,
    createdAt: createdAt.toISOString(),
    signedInAt: signedInAt?.toISOString() ?? null,
    disabledAt: disabledAt?.toISOString() ?? null,
    email: email ?? null,
    failedAttempts,
    secondFactors,
    closedTo: closedTo(failedAttempts)
  }
}

export function describeToken(token: StoredToken): FromSchema<typeof ListedToken> {
  const { id, name, hosts, forApi, createdAt, expiresAt, isExpired, usedAt } = token
  return {
    token: id,
    tokenName: name,
    hosts: [...hosts],
    forApi,
    madeAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    isExpired,
    usedAt: usedAt?.toISOString() ?? null
  }
}
