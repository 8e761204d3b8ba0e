import { StorageError } from '../errors.ts'
import type { RedisClient } from '../sessions/redis-client.ts'
import { type Allowance, type Counters, provisionalHoldMilliseconds, type Taken } from './counters.ts'

/** @returns {1, count} when the try is counted, {0, until} when it is not let through */
const take = `
  local now, free, most, every = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
  local hold, expires = tonumber(ARGV[5]), tonumber(ARGV[6])
  local kept = redis.call('HMGET', KEYS[1], 'count', 'at', 'until')
  local count, at, held = tonumber(kept[1] or '0'), tonumber(kept[2] or '0'), tonumber(kept[3] or '0')

  count = math.max(0, count - (now - at) / every)
  if count + 1 > most then return {0, 'inf'} end
  local waits = free ~= math.huge
  if waits and held > now then return {0, tostring(kept[3])} end

  count = count + 1
  if waits and count > free - 1 then held = now + hold end
  redis.call('HSET', KEYS[1], 'count', string.format('%.6f', count), 'at', ARGV[1], 'until', string.format('%.0f', held))
  if redis.call('PEXPIRETIME', KEYS[1]) < expires then redis.call('PEXPIREAT', KEYS[1], ARGV[6]) end
  return {1, string.format('%.6f', count)}
`

const hold = `
  local held = redis.call('HGET', KEYS[1], 'until')
  if not held then return end
  if tonumber(held) < tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'until', ARGV[1]) end
`

const giveBack = `
  local count = redis.call('HGET', KEYS[1], 'count')
  if not count then return end
  count = math.max(0, tonumber(count) - 1)
  redis.call('HSET', KEYS[1], 'count', string.format('%.6f', count))
  if count <= tonumber(ARGV[1]) - 1 then redis.call('HSET', KEYS[1], 'until', '0') end
`

/** Counters in Redis 7 or newer, for all machines together. Each is one key, so it may be a Cluster. */
export class RedisCounters implements Counters {
  readonly #redis: RedisClient
  readonly #now: () => number

  constructor(redis: RedisClient, now: () => number = Date.now) {
    this.#redis = redis
    this.#now = now
  }

  async take(key: string, { free, most, forgetsOneEvery, keptFor }: Allowance): Promise<Taken> {
    const now = this.#now()
    const args = [now, lua(free), lua(most), lua(forgetsOneEvery), provisionalHoldMilliseconds, now + keptFor]
    const [isCounted, number] = (await this.#step(take, key, ...args)) as [number, string]
    if (isCounted === 1) return { ok: true, count: Number(number) }
    return { ok: false, until: number === 'inf' ? Number.POSITIVE_INFINITY : Number(number) }
  }

  async hold(key: string, until: number): Promise<void> {
    await this.#step(hold, key, until)
  }

  async giveBack(key: string, { free }: Allowance): Promise<void> {
    await this.#step(giveBack, key, lua(free))
  }

  async reset(key: string): Promise<void> {
    await this.#orStorageError(() => this.#redis.unlink(redisKey(key)))
  }

  async reach(): Promise<void> {
    await this.#orStorageError(() => this.#redis.exists(redisKey('reachable')))
  }

  async close(): Promise<void> {
    this.#redis.disconnect()
  }

  #step(script: string, key: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#orStorageError(() => this.#redis.eval(script, 1, redisKey(key), ...args))
  }

  async #orStorageError<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step()
    } catch (cause) {
      throw new StorageError('Redis', cause)
    }
  }
}

function redisKey(key: string): string {
  return `tries:${key}`
}

/** Lua has no word for it, yet reads one. */
function lua(number: number): string {
  return Number.isFinite(number) ? String(number) : 'inf'
}
