import { Cluster } from 'ioredis'
import { ClusterEndings } from '../../endings/cluster-endings.ts'
import type { Ledger } from '../../endings/ledger.ts'
import { RedisEndings } from '../../endings/redis-endings.ts'
import { Told } from '../../endings/told.ts'
import { withPatience } from '../../primitives/patience.ts'
import { type ConnectionListener, connectRedis } from '../../redis/connect.ts'
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
}

/** Connects to Redis and opens the store. */
export async function openRedisStore(needs: RedisStoreNeeds): Promise<OpenStore> {
  const { url, prefix, lifetimes, patience, listener, ledger } = needs
  const redis = await connectRedis(url, listener, patience)
  const common = { prefix, reader: sessionReader(lifetimes), longestLife: lifetimes.rememberAbsolute }
  if (redis instanceof Cluster) return openOnCluster(redis, needs)
  if (!ledger)
    return {
      store: new RedisStore(redis, { prefix }),
      tellChanges: () => new RedisInvalidation(redis, prefix, { patience })
    }
  const told = new Told()
  const endings = new RedisEndings({ ...common, redis, ledger, told })
  endings.start()
  const messages = {
    channel: async () => (await endings.keys()).channel,
    onMessage: (text: string) => told.tell(JSON.parse(text)),
    onReplaced: () => endings.distrust()
  }
  // Until it is done the database is asked about each session.
  await withPatience(patience, endings.follow(), () => new Error('not followed yet')).catch(() => {})
  return {
    store: new RedisStore(redis, { prefix, endings }),
    tellChanges: () => new RedisInvalidation(redis, prefix, { patience, messages }),
    verdicts: verdictsOf(told)
  }
}

async function openOnCluster(cluster: Cluster, needs: RedisStoreNeeds): Promise<OpenStore> {
  const { prefix, lifetimes, patience, ledger } = needs
  const common = { cluster, prefix, patience }
  if (!ledger)
    return {
      store: new RedisStore(cluster, { prefix }),
      tellChanges: () => new ClusterInvalidation(common)
    }
  const told = new Told()
  const reader = sessionReader(lifetimes)
  const longestLife = lifetimes.rememberAbsolute
  const endings = new ClusterEndings({ redis: cluster, prefix, ledger, told, reader, longestLife })
  endings.start()
  const messages = {
    channel: async () => (await endings.keys()).channel,
    onMessage: (text: string) => told.tell(JSON.parse(text)),
    // What has ended is not asked there.
    onReplaced() {}
  }
  await withPatience(patience, endings.follow(), () => new Error('not followed yet')).catch(() => {})
  return {
    store: new RedisStore(cluster, { prefix, endings }),
    tellChanges: () => new ClusterInvalidation({ ...common, messages, witness: endings.witness }),
    verdicts: verdictsOf(told)
  }
}

function verdictsOf(told: Told): Verdicts {
  return {
    get version() {
      return told.version
    },
    isOver: (key, { record }) => told.isOver(claimOf(key, record)),
    listen: (listener) => told.listen(listener)
  }
}
