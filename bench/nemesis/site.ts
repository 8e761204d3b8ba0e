import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PostgresServer, startPostgres } from '../../test/servers/postgres.ts'
import { type RedisSite, startCluster, startSentinel, startSingle } from './redis-site.ts'
import { Relay } from './relay.ts'
import type { Store } from './schedule.ts'
import { Scope } from './scope.ts'
import { ServiceProcess } from './service-process.ts'

export const patience = 500

/** Everything that a fault can strike. */
export interface Site {
  readonly scope: Scope
  readonly processes: readonly ServiceProcess[]
  readonly redis: RedisSite | undefined
  readonly postgres: PostgresServer | undefined
  /** Of each process to PostgreSQL. */
  readonly postgresLinks: ReadonlyMap<string, Relay>
  /** The embedded database. */
  readonly file: string | undefined
  /** For the command. */
  readonly commandEnv: NodeJS.ProcessEnv
}

export interface SiteOptions {
  readonly store: Store
  /** Of the service; beside them there is one with the plugin. */
  readonly processes: number
  /** One with latchkey/express too. */
  readonly hasExpress: boolean
  readonly plant?: string | undefined
  readonly onCrash: (process: string, output: string) => void
}

const starters = { redis: startSingle, sentinel: startSentinel, cluster: startCluster }

export async function startSite(options: SiteOptions): Promise<Site> {
  const { store, processes: count, hasExpress } = options
  const scope = new Scope()
  try {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-nemesis-'))
    scope.teardown(() => rm(folder, { recursive: true, force: true }))
    const isEmbedded = store === 'embedded'
    const redis = isEmbedded ? undefined : await starters[store](scope)
    const postgres = isEmbedded ? undefined : await startPostgres(scope.asTest)
    const database = await postgres?.newDatabase()
    const file = isEmbedded ? join(folder, 'latchkey.db') : undefined
    const postgresLinks = new Map<string, Relay>()
    const site = { scope, redis, postgres, postgresLinks, file, folder, database }
    const names = [...Array.from({ length: count }, (_, place) => `service ${place + 1}`), 'host']
    if (hasExpress) names.push('express')
    const processes: ServiceProcess[] = []
    for (const name of names) processes.push(await processFor(site, name, options))
    // One after the other: the first one makes the tables.
    for (const process of processes) {
      scope.teardown(() => process.kill())
      await process.start()
    }
    return { ...site, processes, commandEnv: (await settingsFor(site, 'command')).service }
  } catch (error) {
    await scope.close()
    throw error
  }
}

interface Begun extends Omit<Site, 'processes' | 'postgresLinks' | 'commandEnv'> {
  readonly folder: string
  readonly database: string | undefined
  readonly postgresLinks: Map<string, Relay>
}

async function processFor(
  site: Begun,
  name: string,
  { plant, onCrash }: SiteOptions
): Promise<ServiceProcess> {
  const { folder } = site
  const kind = name === 'host' || name === 'express' ? name : 'service'
  const { [kind]: env } = await settingsFor(site, name)
  return new ServiceProcess({
    ...{ name, kind, folder, env, plant },
    onCrash: (output) => onCrash(name, output)
  })
}

/** The environment of each kind of process. */
async function settingsFor(site: Begun, name: string) {
  const { redis } = site
  const databaseUrl = await databaseFor(site, name)
  const redisUrl = await redis?.urlFor(name)
  const settings = { ...common, databaseUrl, ...(redisUrl !== undefined && { redisUrl }) }
  return {
    service: { ...serverOnly, ...asEnvironment(settings) },
    host: { NEMESIS_OPTIONS: JSON.stringify(settings) },
    express: { NEMESIS_OPTIONS: JSON.stringify(expressSettings(databaseUrl, redisUrl)) }
  }
}

/** Nobody is signed out by a clock that steps by less than a day, nor by a limit. */
const common = {
  sessionSecret: 'nemesis'.repeat(5),
  storagePatience: `${patience}ms`,
  passwordHash: 'm=64,t=1,p=1',
  sessionIdle: '20d',
  sessionLifetime: '25d',
  sessionsPerAccount: '0',
  registration: 'open'
}
/** The machine is busy, and everybody comes from one address. */
const serverOnly = { TRUST_PROXY: '127.0.0.1', MAX_STALL: '60s' }

/** Its own names for the stores: see docs/from-express-session.md. */
function expressSettings(databaseUrl: string, redisUrl: string | undefined) {
  const { storagePatience, sessionIdle, sessionLifetime, sessionsPerAccount } = common
  const settings = asEnvironment({ storagePatience, sessionIdle, sessionLifetime, sessionsPerAccount })
  const stores =
    redisUrl === undefined
      ? { DATABASE_URL: databaseUrl }
      : { REDIS_URL: redisUrl, ACCOUNTS_URL: databaseUrl }
  return { secret: common.sessionSecret, ...settings, ...stores }
}

function asEnvironment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const named = Object.entries(settings).map(([option, value]) => [
    option.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
    value
  ])
  return Object.fromEntries(named)
}

async function databaseFor(
  { scope, file, database, postgresLinks }: Begun,
  process: string
): Promise<string> {
  if (database === undefined) return `file:${file}`
  const url = new URL(database)
  const link = await Relay.start(Number(url.port))
  scope.teardown(() => link.close())
  postgresLinks.set(process, link)
  url.port = `${link.port}`
  return url.href
}
