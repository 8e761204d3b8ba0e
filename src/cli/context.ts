import { Accounts } from '../accounts/accounts.ts'
import { AccountsStore } from '../accounts/accounts-store.ts'
import { AllAccounts } from '../accounts/all-accounts.ts'
import { passwordsFor } from '../accounts/passwords.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import { AuditStore } from '../audit/audit-store.ts'
import { AuditTrail } from '../audit/audit-trail.ts'
import { type Database, openDatabase } from '../database/database.ts'
import { AllSessions } from '../sessions/all-sessions.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import { Sessions } from '../sessions/sessions.ts'
import { openSessionStore } from '../sessions/stores/open-store.ts'
import { readOwnConfig } from '../settings/config.ts'
import { type CountersNeeds, openCounters } from '../throttle/open-counters.ts'
import { Throttle } from '../throttle/throttle.ts'
import { CliError } from './cli-error.ts'

/** What Redis and PostgreSQL do is told by whether the command succeeds. */
const silentListener = { onLost: () => {}, onBack: () => {} }

/** The trail itself is the record; only its failing is news to whoever typed the command. */
const errorsOnly = { info: () => {}, error: (_: object, message: string) => console.error(message) }

/** Everything a command works with. */
export interface CommandContext {
  readonly accounts: Accounts
  readonly allAccounts: AllAccounts
  readonly audit: AuditTrail
  /** Both are opened when first asked for, so only who needs them waits for Redis. */
  sessions(): Promise<Sessions>
  allSessions(): Promise<AllSessions>
  /** Lets a name that was tried in vain too often be tried again. */
  resetAttempts(name: string): Promise<void>
  /** Notes what was done. */
  audited(event: AuditEvent): Promise<void>
}

/** Opens what the settings name, lets a command use it, and closes all of it. */
export async function withContext(work: (context: CommandContext) => Promise<void>): Promise<void> {
  const config = readOwnConfig()
  for (const warning of config.warnings) console.error(warning)
  const database = await openDatabase(config.database, silentListener, config.storagePatience)
  const opened = lazily(() => openSessionStore({ config, database, listener: silentListener }))
  const sessions = async () =>
    new Sessions({ store: await opened.get(), lifetimes: config.lifetimes, ids: config.sessionIds })
  const { registration, passwordMinLength, publicUrl, branding } = config
  const store = new AccountsStore(database.sql)
  const accounts = new Accounts({
    store,
    passwords: passwordsFor(config),
    sessions: revoking(sessions),
    registration,
    passwordMinLength,
    publicUrl,
    siteName: branding.name
  })
  const audit = auditTrail(database, config.auditRetention)
  try {
    await work({
      accounts,
      allAccounts: new AllAccounts(database.sql, store),
      audit,
      sessions,
      allSessions: async () => new AllSessions(await opened.get()),
      resetAttempts: (name) => resetAttempts({ config, database }, name),
      audited: (event) => audit.record({ by: { kind: 'command' }, ...event })
    })
  } finally {
    audit.close()
    await opened.close()
    await database.close()
  }
}

async function resetAttempts(needs: CountersNeeds, name: string): Promise<void> {
  const throttle = new Throttle({ counters: await openCounters(needs) })
  try {
    await throttle.reset(name)
  } catch (error) {
    throw new CliError(
      `That is done, but wrong tries with the name ${name} still count: ${error}. Try again.`
    )
  } finally {
    await throttle.close()
  }
}

function auditTrail(database: Database, retention: number): AuditTrail {
  return new AuditTrail({ store: new AuditStore(database.sql), log: errorsOnly, retention })
}

function lazily(open: () => Promise<SessionStore>) {
  let opening: Promise<SessionStore> | undefined
  return {
    get: () => {
      opening ??= open()
      return opening
    },
    close: async () => (await opening)?.close()
  }
}

/** The account is changed when its sessions are ended; if they cannot be, that is half of what was asked for. */
function revoking(sessions: () => Promise<Sessions>) {
  const orReport = async (name: string, end: (sessions: Sessions) => Promise<number>) => {
    try {
      return await end(await sessions())
    } catch (error) {
      throw new CliError(
        `The account is changed, but ${name} is not signed out everywhere: ${error}. Try again.`
      )
    }
  }
  return {
    revokeAllOf: (name: string) => orReport(name, (sessions) => sessions.revokeAllOf(name)),
    revokeOthers: (name: string, id: string) => orReport(name, (sessions) => sessions.revokeOthers(name, id))
  }
}
