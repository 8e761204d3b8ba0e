import { Cluster, type Redis } from 'ioredis'
import { ClusterEndings } from '../../endings/cluster-endings.ts'
import type { Ledger } from '../../endings/ledger.ts'
import type { LedgerEndingsOptions } from '../../endings/ledger-endings.ts'
import { LedgerlessEndings, type LedgerlessOptions } from '../../endings/ledgerless-endings.ts'
import { RedisEndings } from '../../endings/redis-endings.ts'
import { Told } from '../../endings/told.ts'
import { withPatience } from '../../primitives/patience.ts'
import type { RedisClient } from '../../redis/client.ts'
import { type ConnectionListener, connectRedis, refusedConfig } from '../../redis/connect.ts'
import { missingRights } from '../../redis/rights.ts'
import type { RoughCount } from '../../redis/rough-count.ts'
import { estimateKeys } from '../../redis/scan.ts'
import { ClusterInvalidation } from '../cache/cluster-invalidation.ts'
import type { Invalidation, Verdicts } from '../cache/invalidation.ts'
import { RedisInvalidation } from '../cache/redis-invalidation.ts'
import { claimOf, sessionReader } from '../claims.ts'
import type { SessionLifetimes } from '../lifetimes.ts'
import type { SessionStore } from '../session-store.ts'
import { RedisStore } from './redis-store.ts'

export interface RedisStoreNeeds {
  /** As in REDIS_URL. */
  readonly url: string
  readonly prefix: string
  readonly lifetimes: SessionLifetimes
  /** Timeout for an answer in milliseconds. */
  readonly patience: number
  readonly listener: ConnectionListener
  /** Where endings are written down; undefined: nowhere, and Redis is believed. */
  readonly ledger: Ledger | undefined
}

export interface OpenStore {
  readonly store: SessionStore
  /** Missing if the store sends no notifications. */
  readonly tellChanges?: () => Invalidation
  readonly verdicts?: Verdicts
  readonly total?: () => Promise<RoughCount>
}

/** Connects to Redis and opens the store. @throws {ConfigError} when Redis refuses, or rights are missing */
export async function openRedisStore(needs: RedisStoreNeeds): Promise<OpenStore> {
  const { url, prefix, lifetimes, patience, listener, ledger } = needs
  const redis = await connectRedis(url, listener, patience)
  await mustHaveRights(redis, needs)
  const told = new Told()
  const common = { prefix, told, reader: sessionReader(lifetimes), longestLife: lifetimes.rememberAbsolute }
  const total = () => estimateKeys(redis, prefix)
  if (redis instanceof Cluster) {
    const options = { ...common, redis }
    const opened = ledger
      ? openOnCluster({ ...options, ledger }, patience)
      : openOnBareCluster(options, patience)
    return { ...(await opened), total }
  }
  const options = { ...common, redis }
  const opened = ledger ? openOnRedis({ ...options, ledger }, patience) : openOnBareRedis(options, patience)
  return { ...(await opened), total }
}

/** Each later connection is tried too: it may be another server, or the rights were changed. */
async function mustHaveRights(redis: RedisClient, { prefix, listener }: RedisStoreNeeds): Promise<void> {
  const missing = redis.status === 'ready' ? await missingRights(redis, prefix) : undefined
  if (missing) {
    redis.disconnect()
    throw refusedConfig(missing)
  }
  redis.on('ready', async () => {
    const lost = await missingRights(redis, prefix)
    if (lost) listener.onLost(lost)
  })
}

async function openOnRedis(options: On<Redis, LedgerEndingsOptions>, patience: number): Promise<OpenStore> {
  const { redis, prefix, told } = options
  const endings = new RedisEndings(options)
  endings.start()
  const onReplaced = () => endings.distrust()
  const messages = { channel: async () => (await endings.keys()).channel, ...hearing(told), onReplaced }
  // Until it is done the database is asked about each session.
  await triedFor(patience, endings.follow())
  return {
    store: new RedisStore(redis, { prefix, endings }),
    tellChanges: () => new RedisInvalidation(redis, prefix, { patience, messages }),
    verdicts: verdictsOf(told)
  }
}

/** Bare: without a ledger. */
async function openOnBareRedis(options: On<Redis, LedgerlessOptions>, patience: number): Promise<OpenStore> {
  const { redis, prefix, told } = options
  const endings = new LedgerlessEndings(options)
  const messages = { channel: async () => endings.channels, ...hearing(told) }
  await triedFor(patience, endings.follow())
  return {
    store: new RedisStore(redis, { prefix, endings }),
    tellChanges: () => new RedisInvalidation(redis, prefix, { patience, messages }),
    verdicts: verdictsOf(told)
  }
}

async function openOnCluster(
  options: On<Cluster, LedgerEndingsOptions>,
  patience: number
): Promise<OpenStore> {
  const { redis: cluster, prefix, told } = options
  const endings = new ClusterEndings(options)
  endings.start()
  const messages = { channel: async () => (await endings.keys()).channel, ...hearing(told) }
  await triedFor(patience, endings.follow())
  const common = { cluster, prefix, patience, messages, witness: endings.witness }
  return {
    store: new RedisStore(cluster, { prefix, endings }),
    tellChanges: () => new ClusterInvalidation(common),
    verdicts: verdictsOf(told)
  }
}

function openOnBareCluster(options: On<Cluster, LedgerlessOptions>, patience: number): OpenStore {
  const { redis: cluster, prefix } = options
  return {
    store: new RedisStore(cluster, { prefix, endings: new LedgerlessEndings(options) }),
    tellChanges: () => new ClusterInvalidation({ cluster, prefix, patience })
  }
}

type On<Client, Options> = Options & { readonly redis: Client }

function triedFor(patience: number, step: Promise<void>): Promise<void> {
  return withPatience(patience, step, () => new Error('not followed yet')).catch(() => {})
}

/** That something was replaced matters where a mark is believed; on a Cluster none is. */
function hearing(told: Told) {
  return { onMessage: (text: string) => told.tell(JSON.parse(text)), onReplaced() {} }
}

function verdictsOf(told: Told): Verdicts {
  return {
    get version() {
      return told.version
    },
    isOver(key, { record }) {
      const claim = claimOf(key, record)
      return told.isOver(claim) || told.isRenamed(claim)
    },
    listen: (listener) => told.listen(listener)
  }
}
