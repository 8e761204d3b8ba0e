import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import autoload from '@fastify/autoload'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Accounts } from './accounts/accounts.ts'
import { AccountsStore } from './accounts/accounts-store.ts'
import { Passwords } from './accounts/passwords.ts'
import { AuditStore } from './audit/audit-store.ts'
import { AuditTrail } from './audit/audit-trail.ts'
import { cookieWarnings, redisWarnings } from './boot-warnings.ts'
import { type Config, readConfig, readEnvironment } from './config.ts'
import { openDatabase } from './database/database.ts'
import { serverOptions } from './server-options.ts'
import { openSessionStore } from './sessions/open-session-store.ts'
import type { ConnectionListener } from './sessions/redis-connection.ts'
import type { SessionStore } from './sessions/session-store.ts'
import { Sessions } from './sessions/sessions.ts'
import { signingSecrets } from './sessions/signing-secrets.ts'

/** What src/ gives to plugins/ and routes/. */
export interface Latchkey {
  readonly config: Config
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly audit: AuditTrail
  /** The first signs cookies, all verify them. */
  readonly secrets: readonly string[]
}

declare module 'fastify' {
  interface FastifyInstance {
    latchkey: Latchkey
  }
}

export interface AppOptions {
  /** Instead of the environment's. */
  readonly config?: Config
  /** Milliseconds since 1970, for tests that move the clock of the sessions. */
  readonly now?: () => number
}

/** The server's own options, for `fastify start --options`. */
export const options = serverOptions(readConfig(readEnvironment()))

/** The service: configuration, then stores, then plugins/, then routes/. */
export default fp<AppOptions>(
  async (app, { config = readConfig(readEnvironment()), now = Date.now }) => {
    const database = await openDatabase(config.database, tellOf('PostgreSQL', app))
    const listener = tellOf('Redis', app, () => lookAtStore())
    const store = await openSessionStore({ config, database, listener, now })
    const lookAtStore = lookOnce(app, store)
    const sessions = new Sessions({ store, lifetimes: config.lifetimes, ids: config.sessionIds, now })
    const accounts = new Accounts({
      store: new AccountsStore(database.sql, now),
      passwords: new Passwords(config.passwordHash),
      registration: config.registration,
      passwordMinLength: config.passwordMinLength,
      publicUrl: config.publicUrl
    })
    const audit = new AuditTrail({
      store: new AuditStore(database.sql),
      log: app.log,
      retention: config.auditRetention,
      now
    })
    app.decorate('latchkey', { config, accounts, sessions, audit, secrets: signingSecrets(config) })
    app.addHook('onClose', async () => {
      audit.close()
      await sessions.close()
      await database.close()
    })

    await app.register(autoload, { dir: folder('plugins'), forceESM: true })
    await app.register(autoload, { dir: folder('routes'), forceESM: true, dirNameRoutePrefix: false })
    app.addHook('onListen', async () => {
      warnOfSettings(app)
      await sayWhereToGo(app)
      await lookAtStore()
    })
  },
  { name: 'latchkey', fastify: '5.x' }
)

/** One line when a server goes away and one when it is back, however often it is tried in between. */
function tellOf(name: string, { log, server }: FastifyInstance, onBack = () => {}): ConnectionListener {
  return {
    onLost: (error) => log.error(`${name} is away: ${error.message}. Trying again until it is back.`),
    onBack: () => {
      log.info(`${name} is back.`)
      if (server.listening) onBack()
    }
  }
}

/** Warns of what the session store may lose, the first time that it answers. */
function lookOnce({ log }: FastifyInstance, store: SessionStore): () => Promise<void> {
  let isDone = store.fitness === undefined
  return async () => {
    if (isDone) return
    isDone = true
    try {
      for (const warning of redisWarnings((await store.fitness?.()) ?? {})) log.warn(warning)
    } catch {
      // Away, which is told already; there will be another look when it is back.
      isDone = false
    }
  }
}

function warnOfSettings(app: FastifyInstance): void {
  const { address } = app.server.address() as AddressInfo
  for (const warning of cookieWarnings({ ...app.latchkey.config, address })) app.log.warn(warning)
}

/** Greets whoever started it: the address, and the way to the first account while there is none. */
async function sayWhereToGo(app: FastifyInstance): Promise<void> {
  const { config, accounts } = app.latchkey
  const { port } = app.server.address() as AddressInfo
  const address = config.publicUrl?.origin ?? `http://localhost:${port}`
  app.log.info(`Latchkey is ready at ${address}`)
  if ((await accounts.isEmpty()) && (await accounts.acceptsRegistration())) {
    app.log.info(`No account yet: create the first one at ${address}/register`)
  }
}

function folder(name: string): string {
  return join(import.meta.dirname, '..', name)
}
