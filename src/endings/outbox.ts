import type { RedisClient } from '../redis/client.ts'
import type { HeldEnding, NewEnding } from './ending.ts'
import { inRedis } from './in-redis.ts'
import type { Ledger } from './ledger.ts'

const batchSize = 1000

export interface OutboxNeeds {
  readonly redis: RedisClient
  readonly ledger: Ledger
  /** The list in Redis. */
  readonly outbox: string
}

/**
 * Writes down what was ended while the database was away. Several processes may do so at once. Throws StorageError.
 * @param release what is held in Redis meanwhile is over by the ledger now
 */
export async function drainOutbox(
  { redis, ledger, outbox }: OutboxNeeds,
  release: (held: readonly HeldEnding[]) => Promise<void> = async () => {}
): Promise<void> {
  for (;;) {
    const waiting = await inRedis(() => redis.lrange(outbox, 0, batchSize - 1))
    if (waiting.length === 0) return
    const endings = waiting.map((text): NewEnding | HeldEnding => JSON.parse(text))
    const held = endings.filter((ending) => ending.kind === 'all')
    await Promise.all(
      endings.map((ending) => (ending.kind === 'all' ? ledger.endHeld(ending) : ledger.log(ending)))
    )
    if (held.length > 0) await release(held)
    await inRedis(() => Promise.all(waiting.map((text) => redis.lrem(outbox, 1, text))))
  }
}
