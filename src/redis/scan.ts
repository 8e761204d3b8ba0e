import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from './client.ts'
import type { RoughCount } from './rough-count.ts'

const batchSize = 1000

/** All keys with the prefix, in batches; a key may come twice. SCAN does not block the masters. */
export async function* scanKeys(redis: RedisClient, prefix: string): AsyncGenerator<readonly string[]> {
  for (const master of mastersOf(redis)) {
    let cursor = '0'
    do {
      const [next, keys] = await master.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', batchSize)
      yield keys
      cursor = next
    } while (cursor !== '0')
  }
}

/** Keys that are looked at: enough to be a fiftieth off at most times. */
const sampleBatches = 4

/** How many keys have the prefix: counted if there are few, else by their share among some thousand keys. */
export async function estimateKeys(redis: RedisClient, prefix: string): Promise<RoughCount> {
  const parts = await Promise.all(mastersOf(redis).map((master) => estimateOn(master, prefix)))
  const precisions = new Set(parts.map(({ precision }) => precision))
  const precision = (['at-least', 'about'] as const).find((one) => precisions.has(one)) ?? 'exact'
  return { count: parts.reduce((sum, { count }) => sum + count, 0), precision }
}

async function estimateOn(master: Redis, prefix: string): Promise<RoughCount> {
  let [cursor, seen, count] = ['0', 0, 0]
  for (let batch = 0; batch < sampleBatches; batch += 1) {
    const [next, keys] = await master.scan(cursor, 'COUNT', batchSize)
    seen += keys.length
    count += keys.filter((key) => key.startsWith(prefix)).length
    cursor = next
    if (cursor === '0') return { count, precision: 'exact' }
  }
  const all = await keysIn(master)
  if (all === undefined) return { count, precision: 'at-least' }
  return { count: Math.round((count / seen) * all), precision: 'about' }
}

/** @returns undefined when the user may not ask */
async function keysIn(master: Redis): Promise<number | undefined> {
  const text = await master.info('keyspace').catch(() => '')
  const keys = new RegExp(`^db${master.options.db ?? 0}:keys=(\\d+)`, 'm').exec(text)?.[1]
  return keys === undefined ? undefined : Number(keys)
}

function mastersOf(redis: RedisClient): readonly Redis[] {
  if (!(redis instanceof Cluster)) return [redis]
  const masters = redis.nodes('master')
  // A cluster that has lost all masters must not look like one without keys.
  if (masters.length === 0) throw new Error('Not connected to the Cluster')
  return masters
}
