import type { RedisClient } from '../redis/client.ts'
import { runScript } from '../redis/script.ts'
import { type HeldEnding, newNonce } from './ending.ts'
import { inRedis } from './in-redis.ts'
import { floorKeyOf } from './judge.ts'
import type { EndingKeys } from './redis-keys.ts'
import { holdAll } from './redis-scripts.ts'
import type { Told } from './told.ts'

export interface HeldEndingNeeds {
  readonly redis: RedisClient
  readonly keys: EndingKeys
  readonly longestLife: number
  readonly told: Told
}

/**
 * While the database is away, ends all sessions of an owner in Redis. Which epoch comes next is not known, so all are
 * over, new ones too, until whoever reaches the database has written it down.
 * @param keep the key of the session that goes on
 */
export async function holdEnding(needs: HeldEndingNeeds, owner: string, keep = ''): Promise<void> {
  const { redis, keys, longestLife, told } = needs
  const { nonce, ending } = heldEnding(needs, owner, keep)
  const args = [nonce, keep, longestLife, ending, keys.channel]
  const step = { keys: [keys.floor + floorKeyOf(owner), keys.outbox], args }
  await inRedis(() => runScript(redis, holdAll, step))
  told.tell({ held: true })
}

/** The same on a Cluster: whoever is told believes nothing until the outbox is empty. */
export async function holdOnCluster(needs: HeldEndingNeeds, owner: string, keep = ''): Promise<void> {
  const { redis, keys, told } = needs
  const { ending } = heldEnding(needs, owner, keep)
  await inRedis(() => redis.rpush(keys.outbox, ending))
  told.tell({ held: true })
  await redis.publish(keys.channel, JSON.stringify({ held: true })).catch(() => {})
}

/** The ending as text, and its nonce. */
function heldEnding({ longestLife }: Pick<HeldEndingNeeds, 'longestLife'>, owner: string, keep: string) {
  const [nonce, until] = [newNonce(), Date.now() + longestLife]
  const ending: HeldEnding = { kind: 'all', owner, nonce, until, ...(keep && { keep }) }
  return { nonce, ending: JSON.stringify(ending) }
}
