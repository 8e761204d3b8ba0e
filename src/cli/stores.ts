import { AccountSearch } from '../accounts/account-search.ts'
import { Accounts } from '../accounts/accounts.ts'
import { AccountsStore } from '../accounts/accounts-store.ts'
import { AllAccounts } from '../accounts/all-accounts.ts'
import { FormerNames } from '../accounts/former-names.ts'
import { openEmailAddresses } from '../accounts/open-email-addresses.ts'
import { passwordsFor } from '../accounts/passwords.ts'
import { Renaming } from '../accounts/renaming.ts'
import type { RevocableSessions } from '../accounts/revocable-sessions.ts'
import type { Administration } from '../administration/administration.ts'
import type { SiteAdministration } from '../administration/site-administration.ts'
import { tellOwner } from '../administration/tell-owner.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import { AuditStore } from '../audit/audit-store.ts'
import { AuditTrail } from '../audit/audit-trail.ts'
import { type Database, openDatabase } from '../database/database.ts'
import { dataKeyRing } from '../encryption/data-keys.ts'
import type { KeyRing } from '../encryption/key-ring.ts'
import { openFactors, type SecondFactors } from '../factors/open-factors.ts'
import type { Groups } from '../groups/groups.ts'
import type { Owner } from '../identity/owner-key.ts'
import type { Invitations } from '../invitations/invitations.ts'
import { openInvitations } from '../invitations/open-invitations.ts'
import type { Mail } from '../mail/mail.ts'
import { mailTarget } from '../mail/mail-target.ts'
import { Notices } from '../mail/notices.ts'
import { silencedBy } from '../mail/optional-notices.ts'
import { once } from '../primitives/once.ts'
import { printable } from '../primitives/visible-text.ts'
import { AllSessions } from '../sessions/all-sessions.ts'
import { SessionKeys } from '../sessions/session-keys.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import { Sessions } from '../sessions/sessions.ts'
import { openSessionStore } from '../sessions/stores/open-store.ts'
import { readOwnConfig } from '../settings/config.ts'
import { DeviceEndingStore, KnownDevices } from '../throttle/known-devices.ts'
import { type CountersNeeds, openCounters } from '../throttle/open-counters.ts'
import { Throttle } from '../throttle/throttle.ts'
import { openAccountFacts } from '../tokens/account-facts.ts'
import type { Tokens } from '../tokens/tokens.ts'
import { PublicPaths } from '../web/public-paths.ts'
import { CliError } from './cli-error.ts'
import { commandAdministration } from './command-administration.ts'
import { lazyPostbox, openCommandMail } from './command-mail.ts'

/** The command's exit status tells whether Redis and PostgreSQL work. */
const silentListener = { onLost: () => {}, onBack: () => {} }

/** A lost key is told by the service. */
const silent = { info: () => {}, error: () => {} }

/** Until they expire they would be in the store. */
const tellOfMany = () =>
  console.error('The ended sessions are being deleted. They open nothing any more, so Ctrl-C does no harm.')

/** The audit trail itself is the record; the terminal shows only its failures. */
const errorsOnly = {
  info: () => {},
  error: (_: object, message: string) => console.error(printable(message))
}

/** What commands work with. */
export interface CommandContext {
  /** The accounts database in a message: a file, or `PostgreSQL` without its address, which may have a password. */
  readonly storedIn: string
  readonly accounts: Accounts
  readonly accountSearch: AccountSearch
  readonly renaming: Renaming
  readonly groups: Groups
  readonly tokens: Tokens
  readonly allAccounts: AllAccounts
  readonly audit: AuditTrail
  /** Both are opened on first use, so that only commands that need sessions wait for Redis. */
  sessions(): Promise<Sessions>
  allSessions(): Promise<AllSessions>
  /** What is done to accounts: recorded, and their owners are told. */
  readonly administration: Administration
  /** What is done besides: groups and invitations. */
  readonly siteAdministration: SiteAdministration
  /** Opened on first use: it makes a key beside the embedded database. */
  secondFactors(): SecondFactors
  /** The same. */
  dataKeys(): KeyRing
  /** The same. */
  invitations(): Invitations
  /** The same. What is posted is sent by the service. */
  mail(): Mail
  /** The address of a page for people. @param path from the root, as in a view */
  addressOf(path: string): string
  /** Resets the failed attempts of an account. */
  resetAttempts(account: Owner): Promise<void>
  /** Records an event in the audit trail. */
  audited(event: AuditEvent): Promise<void>
}

/** Opens the stores for a command, and closes them afterwards. */
export async function withStores(work: (context: CommandContext) => Promise<void>): Promise<void> {
  const config = readOwnConfig()
  for (const warning of config.warnings) console.error(printable(warning))
  const database = await openDatabase(config.database, silentListener, config.storagePatience)
  if (database.kind === 'sqlite') for (const warning of database.warnings) console.error(printable(warning))
  const devices = new KnownDevices(database.sql)
  const wrap = (store: SessionStore) => new DeviceEndingStore(store, devices)
  const opened = lazily(() => openSessionStore({ config, database, listener: silentListener, wrap }))
  let opening: Promise<Sessions> | undefined
  const sessions = () => {
    opening ??= opened
      .get()
      .then((store) => new Sessions({ store, lifetimes: config.lifetimes, ids: config.sessionIds }))
    return opening
  }
  const { registration, passwordMinLength, publicUrl, branding } = config
  const hasKey = config.dataKeys.length > 0 || database.kind === 'sqlite'
  const sendsMail = () => mailTarget(config, { isOwnServer: true, hasKey }).kind !== 'off'
  const paths = new PublicPaths({ publicUrl })
  const addressOf = (path: string) => paths.urlOfPage(path, config.port)
  const mail = once(() => openCommandMail(config, database, addressOf('')))
  const notices = new Notices({ postbox: lazyPostbox(mail), silenced: silencedBy(config.mailNotices) })
  const store = new AccountsStore(database, Date.now, notices)
  const revocable = revoking(sessions, new SessionKeys(config.sessionIds))
  const accounts = new Accounts({
    store,
    passwords: passwordsFor(config),
    sessions: revocable,
    registration,
    passwordMinLength,
    ...{ publicUrl, siteName: branding.name, sendsMail }
  })
  const names = new FormerNames(database.sql)
  const audit = auditTrail(database, config.auditRetention)
  const facts = openAccountFacts({ database, config, notices, tell: () => tellServices(revocable) })
  const renaming = new Renaming({ store, names, sessions: revocable, sendsMail })
  const secondFactors = () =>
    openFactors({ config, database, sessions: revocable, accounts, notices, log: silent, addressOf })
  const addresses = () => {
    const told = { ...revocable, applyEndings: () => tellServices(revocable) }
    return openEmailAddresses({ config, database, sessions: told, postbox: mail(), addressOf })
  }
  const invitations = () =>
    openInvitations({ config, database, accounts, postbox: mail(), addressOf }).invitations
  const audited = (event: AuditEvent) => audit.record({ by: { kind: 'command' }, ...event })
  const changes = {
    ...{ accounts, renaming, sessions, secondFactors, addresses, invitations, ...facts },
    ...{ secondFactor: config.secondFactor, record: audited, tell: tellOwner(database, notices) },
    resetAttempts: (account: Owner) => resetAttempts({ config, database }, account)
  }
  try {
    await work({
      storedIn: config.database.kind === 'sqlite' ? config.database.file : 'PostgreSQL',
      accounts,
      accountSearch: new AccountSearch(database.sql),
      renaming,
      ...facts,
      ...commandAdministration(changes),
      allAccounts: new AllAccounts(database.sql, store),
      audit,
      sessions,
      allSessions: async () => new AllSessions(await opened.get(), new SessionKeys(config.sessionIds)),
      secondFactors,
      dataKeys: () => dataKeyRing(config),
      mail,
      invitations,
      addressOf,
      resetAttempts: changes.resetAttempts,
      audited
    })
    await (await opening)?.tidied(tellOfMany)
  } finally {
    audit.close()
    await opened.close()
    await database.close()
  }
}

async function resetAttempts(needs: CountersNeeds, { id, name }: Owner): Promise<void> {
  const throttle = new Throttle({ counters: await openCounters(needs) })
  try {
    await throttle.reset({ name, account: id })
  } catch (error) {
    throw new CliError(
      `The change is done, but failed attempts with the name ${name} still count: ${error}. Try again.`
    )
  } finally {
    await throttle.close()
  }
}

/** With Redis, services that do not hear of it find it by themselves within a second. */
async function tellServices(sessions: RevocableSessions): Promise<void> {
  try {
    await sessions.applyEndings()
  } catch (error) {
    throw new CliError(`The change is done, but no service was told: ${error}. They find it by themselves.`)
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
    // A store that refused is the command's error already.
    close: async () => (await opening?.catch(() => undefined))?.close()
  }
}

/**
 * The account is changed already when its sessions are ended: a failure means that the command is half done.
 */
function revoking(sessions: () => Promise<Sessions>, keys: SessionKeys): RevocableSessions {
  return {
    keyOf: (id) => keys.of(id).key,
    applyEndings: async () => (await sessions()).applyEndings(),
    async applyRename(account, former) {
      try {
        await (await sessions()).applyRename(account, former)
      } catch (error) {
        throw new CliError(
          `${former} is called ${account.name} now, but not in every session yet: ${error}. Services find it by themselves.`
        )
      }
    },
    async applyChange(account, below, keep) {
      try {
        return await (await sessions()).applyChange(account, below, keep)
      } catch (error) {
        throw new CliError(
          `The account was changed, but ${account.name} is not signed out everywhere yet: ${error}. Try again.`
        )
      }
    }
  }
}
