import { PresentAccounts } from '../../accounts/present-accounts.ts'
import { openDatabase } from '../../database/database.ts'
import { outageOf } from '../../errors/store-refusal.ts'
import type { ConnectionListener } from '../../redis/connect.ts'
import { Sessions } from '../../sessions/sessions.ts'
import { openSessionStore } from '../../sessions/stores/open-store.ts'
import { warnOfStoreOnce } from '../../settings/boot-warnings.ts'
import { type Environment, merged, readEnvironment, readSources } from '../../settings/environment.ts'
import { withSecretFiles } from '../../settings/secret-files.ts'
import { LatchkeyStore } from './latchkey-store.ts'
import { accountsWarnings, readStoreConfig, storageSecrets } from './store-config.ts'

/**
 * Opens Latchkey's store for REDIS_URL or DATABASE_URL in the background; calls wait for it. A file that
 * cannot be opened ends the process with a sentence, as a wrong setting does.
 * @param settings override the environment
 * @throws {ConfigError} when a setting is wrong
 */
export function openStore(settings: Environment = {}): LatchkeyStore {
  const { lost, ...sources } = readSources(storageSecrets)
  const config = readStoreConfig(
    { ...merged(sources), ...withSecretFiles(settings, storageSecrets) },
    lost.filter(({ name }) => !settings[name]?.trim())
  )
  const opening = open(config)
  const close = async () => (await opening).close()
  const store = new LatchkeyStore(
    opening.then(({ sessions }) => sessions),
    close
  )
  return Object.assign(store, { presentAccounts: async () => (await opening).present })
}

/**
 * Whether the environment names a Redis for sessions; a blank value is refused later. A DATABASE_URL alone
 * may belong to another program.
 */
export function namesStore(): boolean {
  return Boolean(readEnvironment(['REDIS_URL']).REDIS_URL)
}

async function open(config: ReturnType<typeof readStoreConfig>) {
  const { database: own, accounts, lifetimes, sessionIds: ids, storagePatience } = config
  const isInRedis = config.redisUrl !== undefined
  for (const warning of accountsWarnings(config)) console.error(warning)
  const address = isInRedis ? accounts : own
  const database = address && (await openDatabase(address, listenerTo('PostgreSQL'), storagePatience))
  const store = await openSessionStore({
    config,
    database,
    listener: listenerTo('Redis', () => lookAtStore())
  })
  const lookAtStore = warnOfStoreOnce(store, console.error)
  lookAtStore()
  const sessions = new Sessions({
    store,
    lifetimes,
    ids,
    maxPerUser: config.sessionsPerAccount
  })
  const close = async () => {
    await sessions.close()
    await database?.close()
  }
  // Nobody tells this app of changes: it asks each time.
  const present = database && new PresentAccounts({ db: database.sql })
  return { sessions, present, close }
}

function listenerTo(store: string, onBack = () => {}): ConnectionListener {
  return {
    onLost: (error) => console.error(outageOf(store, error)),
    onBack: () => {
      console.error(`${store} is back.`)
      onBack()
    }
  }
}
