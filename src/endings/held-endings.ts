import type { RedisClient } from '../redis/client.ts'
import { runScript } from '../redis/script.ts'
import { type HeldEnding, newNonce } from './ending.ts'
import { inRedis } from './in-redis.ts'
import { type Claim, floorKeyOf } from './judge.ts'
import type { EndingKeys } from './redis-keys.ts'
import { holdAll } from './redis-scripts.ts'
import type { Told } from './told.ts'

export interface HeldEndingNeeds {
  readonly redis: RedisClient
  readonly keys: EndingKeys
  readonly longestLife: number
  readonly told: Told
}

/** What waits for the database: its text, which it has for the outbox. */
export interface Held {
  readonly ending: HeldEnding
  readonly text: string
}

/** @param kept the session that goes on */
export function heldEnding(owner: string, { kept, longestLife }: HeldOptions): Held {
  const until = Date.now() + longestLife
  const keep = { keep: kept?.key, keepEpoch: kept?.epoch }
  const ending: HeldEnding = { kind: 'all', owner, nonce: newNonce(), until, ...keep }
  return { ending, text: JSON.stringify(ending) }
}

interface HeldOptions {
  readonly kept: Pick<Claim, 'key' | 'epoch'> | undefined
  readonly longestLife: number
}

/**
 * While the database is away, ends all sessions of an owner in Redis. Which epoch comes next is not known, so all are
 * over, new ones too, until whoever reaches the database has written it down.
 */
export async function holdEnding(needs: HeldEndingNeeds, { ending, text }: Held): Promise<void> {
  const { redis, keys, longestLife, told } = needs
  const { owner, nonce, keep = '' } = ending
  const args = [nonce, keep, longestLife, text, keys.channel]
  const step = { keys: [keys.floor + floorKeyOf(owner), keys.outbox], args }
  await inRedis(() => runScript(redis, holdAll, step))
  told.tell({ held: true })
}

/** The same on a Cluster: whoever is told believes nothing until the outbox is empty. */
export async function holdOnCluster({ redis, keys, told }: HeldEndingNeeds, { text }: Held): Promise<void> {
  await inRedis(() => redis.rpush(keys.outbox, text))
  told.tell({ held: true })
  await redis.publish(keys.channel, JSON.stringify({ held: true })).catch(() => {})
}
