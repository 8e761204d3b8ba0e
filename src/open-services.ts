import { join } from 'node:path'
import autoload from '@fastify/autoload'
import type { FastifyInstance } from 'fastify'
import type { StoredAccount } from './accounts/account.ts'
import { Accounts } from './accounts/accounts.ts'
import { AccountsStore } from './accounts/accounts-store.ts'
import { applied } from './accounts/changes.ts'
import type { EmailAddresses } from './accounts/email-addresses.ts'
import { FormerNames } from './accounts/former-names.ts'
import { hashOfEachCost } from './accounts/hash-of-each-cost.ts'
import { openEmailAddresses } from './accounts/open-email-addresses.ts'
import { passwordsFor } from './accounts/passwords.ts'
import type { PresentAccounts } from './accounts/present-accounts.ts'
import { Renaming } from './accounts/renaming.ts'
import { type OpenAdministration, openAdministration } from './administration/open-administration.ts'
import { AuditStore } from './audit/audit-store.ts'
import { AuditTrail } from './audit/audit-trail.ts'
import { openDatabase, orClosed } from './database/database.ts'
import { Ledger } from './endings/ledger.ts'
import { sweepEndings } from './endings/sweep-endings.ts'
import { openFactors, type SecondFactors } from './factors/open-factors.ts'
import { openPasskeys } from './factors/passkeys/open-passkeys.ts'
import type { Passkeys } from './factors/passkeys/passkeys.ts'
import { LiveRules } from './gate/rules/live-rules.ts'
import type { Groups } from './groups/groups.ts'
import { type Languages, openLanguages } from './i18n/languages.ts'
import type { Invitations } from './invitations/invitations.ts'
import { openInvitations } from './invitations/open-invitations.ts'
import { forApps, type Latchkey } from './library/for-apps.ts'
import type { Mail } from './mail/mail.ts'
import { CountedStore } from './metrics/counted-store.ts'
import type { Metrics } from './metrics/metrics.ts'
import { openMetrics } from './metrics/open-metrics.ts'
import { processClock } from './primitives/clock.ts'
import { connectionLogger } from './server/connection-logger.ts'
import { learnOnce } from './server/learn-hash-costs.ts'
import { openServiceMail } from './server/service-mail.ts'
import { cookiePath } from './sessions/cookie/session-cookie.ts'
import { signingSecrets } from './sessions/cookie/signing-secrets.ts'
import type { SessionStore } from './sessions/session-store.ts'
import { Sessions } from './sessions/sessions.ts'
import { openSessionStore } from './sessions/stores/open-store.ts'
import { warnOfStoreOnce } from './settings/boot-warnings.ts'
import type { Config } from './settings/config.ts'
import { KnownBrowsers } from './throttle/known-browsers.ts'
import { DeviceEndingStore, KnownDevices } from './throttle/known-devices.ts'
import { openCounters } from './throttle/open-counters.ts'
import { Throttle } from './throttle/throttle.ts'
import { openAccountFacts } from './tokens/account-facts.ts'
import type { Tokens } from './tokens/tokens.ts'
import { PublicPaths } from './web/public-paths.ts'

/**
 * Where plugins/ and routes/ find what they get from src/: `app[services]`. Not under a name, so that no app comes upon
 * what does not count attempts, or on secrets.
 */
export const services: unique symbol = Symbol('services of latchkey')

export interface Services extends SecondFactors, OpenAdministration {
  readonly config: Config & { readonly cookiePath: string }
  readonly passkeys: Passkeys
  /** Every path for browsers is made by it. */
  readonly paths: PublicPaths
  readonly accounts: Accounts
  readonly renaming: Renaming
  readonly addresses: EmailAddresses
  readonly groups: Groups
  /** Links by which people without an account make one. */
  readonly invitations: Invitations
  /** Accounts as they are now, at no cost: for whatever a session may not say. */
  readonly present: PresentAccounts
  readonly tokens: Tokens
  /** Where mail is posted. `isOn`: whether it is sent, so that a page may promise it. */
  readonly mail: Mail
  readonly sessions: Sessions
  readonly audit: AuditTrail
  /** The rules of GATE_RULES; undefined: the gate lets everybody pass who is signed in. */
  readonly gateRules: LiveRules | undefined
  readonly throttle: Throttle
  readonly devices: KnownDevices
  readonly browsers: KnownBrowsers
  readonly languages: Languages
  /** Missing when nobody can read them: then nothing is counted. */
  readonly metrics: Metrics | undefined
  /** Logs a sentence about a setting at the start, and keeps it for administrators. */
  readonly warn: (warning: string) => void
  readonly warnings: readonly string[]
  /** The first signs cookies, all verify them. */
  readonly secrets: readonly string[]
  /** The path after sign-in when no page was requested, as browsers have it. */
  readonly home: string
  /** Keys of a visitor's session that are copied to the session that starts at sign-in. */
  readonly keepAtSignIn: readonly string[]
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What an app may use. */
    readonly latchkey: Latchkey
    readonly [services]: Services
  }
}

export interface OpenServicesOptions {
  readonly config: Config
  /** A path of the app, without its prefix. */
  readonly home: string
  /** A prefix of Latchkey's pages in the app. */
  readonly prefix?: string | undefined
  /** Where the pages of administrators are, behind the prefix; undefined: there are none. */
  readonly admin?: string | undefined
  readonly keepAtSignIn?: readonly string[]
  /** Whether the server is ours: without PUBLIC_URL it is then on localhost. */
  readonly isOwnServer?: boolean
  /** A clock for the sessions in tests: milliseconds since 1970. */
  readonly now?: () => number
}

/**
 * Opens the stores, closes them with the app, and decorates it with both: for the service and for a host app.
 * @throws {ConfigError} when a store refuses
 */
export async function openServices(app: FastifyInstance, options: OpenServicesOptions) {
  const { home, prefix = '', admin, keepAtSignIn = [], isOwnServer = false, now = processClock } = options
  const paths = new PublicPaths({ ...options.config, appPrefix: app.prefix, pagesPrefix: prefix, admin })
  const config = { ...options.config, cookiePath: cookiePath(paths.app, options.config) }
  // What people compare with other logs is as the machine says.
  const labels = now === processClock ? Date.now : now
  const languages = await openLanguages({ asked: config.languages, own: config.texts })
  const warnings: string[] = []
  const warn = (warning: string) => {
    warnings.push(warning)
    app.log.warn(warning)
  }
  const database = await openDatabase(
    config.database,
    connectionLogger('PostgreSQL', app, () => [costs.learn(), keyUpkeep.start()]),
    config.storagePatience
  )
  if (database.kind === 'sqlite') for (const warning of database.warnings) warn(warning)
  const listener = connectionLogger('Redis', app, () => lookAtStore())
  const metrics = await openMetrics(config)
  const addressOf = (path: string) => paths.urlOfPage(path, config.port)
  const mail = openServiceMail({
    ...{ config, database, isOwnServer, languages, metrics, pagesUrl: addressOf(''), log: app.log, now },
    ...{ accounts: () => accountsStore, audit: () => audit }
  })
  const devices = new KnownDevices(database.noSyncSql, now, { database, notices: mail.notices })
  const secrets = signingSecrets(config)
  const browsers = new KnownBrowsers(secrets, devices)
  const wrap = (store: SessionStore) =>
    new DeviceEndingStore(metrics ? new CountedStore(store, metrics) : store, devices)
  const store = await orClosed(database, openSessionStore({ config, database, listener, now, wrap }))
  const lookAtStore = warnOfStoreOnce(store, warn)
  const sessions = new Sessions({
    store,
    lifetimes: config.lifetimes,
    ids: config.sessionIds,
    maxPerUser: config.sessionsPerAccount,
    onEvict: ({ user: name, ...evicted }) => audit.record({ event: 'session-evict', name, ...evicted }),
    now
  })
  const sendsMail = () => mail.isOn
  const passwords = passwordsFor(config)
  const costs = learnOnce(app, async () => passwords.learnCostsOf(await hashOfEachCost(database.sql)))
  await costs.learn()
  const accountsStore = new AccountsStore(database, labels, mail.notices)
  const accounts = new Accounts({
    store: metrics?.ofStore('accounts', accountsStore) ?? accountsStore,
    sessions,
    passwords: metrics?.ofPasswords(passwords) ?? passwords,
    registration: config.registration,
    passwordMinLength: config.passwordMinLength,
    ...{ publicUrl: config.publicUrl, siteName: config.branding.name, sendsMail }
  })
  const names = new FormerNames(database.sql)
  const renaming = new Renaming({ store: accountsStore, names, sessions, sendsMail })
  const onReset = ({ id: account, name }: StoredAccount, address: string) =>
    audit.record({ event: 'reset-request', name, account, address })
  const opening = {
    ...{ config, database, sessions, accounts, postbox: mail, notices: mail.notices },
    ...{ addressOf, log: app.log, now, labels }
  }
  const { invitations, registrations } = openInvitations(opening)
  const { keyUpkeep, ...opened } = openFactors({ ...opening, browsers, onReset, registrations })
  const people = { accounts, renaming, addresses: openEmailAddresses(opening), invitations }
  const ledger = { tell: () => applied(sessions.applyEndings()), listen: store.tellAccounts?.bind(store) }
  const facts = openAccountFacts({ ...opening, ...ledger })
  const audit = new AuditTrail({
    store: new AuditStore(database.sql),
    log: app.log,
    retention: config.auditRetention,
    onEvent: (event) => metrics?.event(event),
    now: labels
  })
  const stopSweeping = sweepEndings(new Ledger(database.sql, labels))
  const throttle = new Throttle({ counters: await openCounters({ config, database, now }), now })
  const { gateRules: file, gateHosts } = config
  const gateRules = file && new LiveRules({ file, gateHosts, log: app.log })
  const passkeys = openPasskeys(config, { ...opened, secrets, now })
  const needs = { ...opening, secrets, audit, throttle, ...opened, ...facts, ...people }
  app.decorate('latchkey', forApps({ accounts, renaming, sessions, audit, ...facts }))
  app.decorate(services, {
    ...{ config, sessions, audit, throttle, devices, languages, metrics, secrets, ...people },
    ...{ ...opened, mail, ...openAdministration(needs), passkeys, ...facts },
    ...{ browsers, gateRules, paths, keepAtSignIn, warn, warnings, home: paths.ofApp(home) }
  })
  // Not waited for: the next hook does not depend on the store.
  app.addHook('onListen', async () => void lookAtStore())
  app.addHook('onReady', async () => {
    await costs.learn()
    keyUpkeep.start()
    opened.resets.start()
    mail.start()
  })
  app.addHook('onClose', async () => {
    await costs.settled()
    await keyUpkeep.stop()
    await opened.resets.stop()
    await mail.stop()
    stopSweeping()
    audit.close()
    gateRules?.close()
    await throttle.close()
    await sessions.close()
    await database.close()
  })
}

/**
 * Registers the files of a folder in plugins/ or routes/; a subfolder with an index.ts counts as a file.
 * @param matchFilter paths in the folder, such as `/errors.ts`
 */
export async function load(app: FastifyInstance, folder: string, matchFilter = /./): Promise<void> {
  const dir = join(import.meta.dirname, '..', folder)
  const ignorePattern = /^(pages|server|api|admin|dev)$/
  // Routes add no hooks, so they need no scope for each file.
  const plain = { dirNameRoutePrefix: false, encapsulate: false, forceESM: true }
  await app.register(autoload, { dir, ignorePattern, matchFilter, ...plain })
}

/** The pages of administrators: a scope with a guard, so that no route in it can be without one. */
export async function loadAdministration(app: FastifyInstance, prefix: string): Promise<void> {
  const pages = async (scope: FastifyInstance) => {
    for (const folder of ['plugins/admin', 'routes/admin']) await load(scope, folder)
  }
  await app.register(pages, { prefix })
}
