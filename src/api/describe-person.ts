import type { FromSchema } from 'json-schema-to-ts'
import type { Person as FoundPerson } from '../administration/people.ts'
import type { AuditEntry } from '../audit/audit-event.ts'
import { auditRecord } from '../audit/audit-filter.ts'
import type { Person } from './administration-schemas.ts'
import { describeAccount, describeSession, describeToken } from './descriptions.ts'

/** @param own the handle of the current session */
export function describePerson(person: FoundPerson, own: string): FromSchema<typeof Person> {
  const { account, lastSeenAt, sessions, factors, groups, tokens, activity } = person
  const { codes, passkeys, recoveryCodes } = factors
  return {
    account: describeAccount(account),
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
    sessions: sessions.sessions.map((session) => describeSession(session, own)),
    factors: {
      codesAddedAt: codes?.createdAt.toISOString() ?? null,
      codesClosed: codes?.isClosed ?? false,
      passkeys: passkeys.map(({ name, createdAt, usedAt }) => ({
        passkeyName: name,
        addedAt: createdAt.toISOString(),
        usedAt: usedAt?.toISOString() ?? null
      })),
      recoveryCodesLeft: recoveryCodes.left,
      recoveryCodesClosed: recoveryCodes.isClosed
    },
    groupNames: [...groups],
    tokens: tokens.map(describeToken),
    events: activity.map(describeEvent)
  }
}

export function describeEvent(entry: AuditEntry) {
  const record = auditRecord(entry)
  return { ...record, at: record.at.toISOString() }
}
