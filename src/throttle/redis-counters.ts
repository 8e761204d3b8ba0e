import { Cluster } from 'ioredis'
import { StorageError } from '../errors/errors.ts'
import { processClock } from '../primitives/clock.ts'
import type { RedisClient } from '../redis/client.ts'
import { defaultPrefix, ownPrefix } from '../redis/prefix.ts'
import { runScript, type Script, script } from '../redis/script.ts'
import { type Counters, type Limit, provisionalBackOffMilliseconds, type Taken } from './counters.ts'

/**
 * @returns {1, count, count …} when the attempt is counted in all counters, {0, until, index} when it is counted in
 * none, because of that counter, {-1} when the deadline has passed on Redis's own clock
 */
const take = script(`
  local clock = redis.call('TIME')
  if clock[1] * 1000 + clock[2] / 1000 > tonumber(ARGV[3]) then return {-1} end
  local now, hold = tonumber(ARGV[1]), tonumber(ARGV[2])
  local counters, counts, ahead = {}, {1}, 1000
  for i, key in ipairs(KEYS) do
    local free, max, every = tonumber(ARGV[4 * i]), tonumber(ARGV[4 * i + 1]), tonumber(ARGV[4 * i + 2])
    local kept = redis.call('HMGET', key, 'count', 'at', 'until')
    local count, at, held = tonumber(kept[1] or '0'), tonumber(kept[2] or '0'), tonumber(kept[3] or '0')

    if at - now > ahead then
      -- A clock wrote it that was ahead: it is moved back by as much.
      held = held - (at - now)
      redis.call('HSET', key, 'at', ARGV[1], 'until', string.format('%.0f', held))
      redis.call('PEXPIREAT', key, string.format('%.0f', redis.call('PEXPIRETIME', key) - (at - now)))
    end
    count = math.max(0, count - math.max(0, now - at) / every)
    if count + 1 > max then return {0, string.format('%.0f', math.ceil(now + (count + 1 - max) * every)), i} end
    local waits = free ~= math.huge
    if waits and held > now then return {0, string.format('%.0f', held), i} end

    count = count + 1
    if waits and count > free - 1 then held = now + hold end
    counters[i] = {string.format('%.6f', count), string.format('%.0f', held)}
    counts[i + 1] = counters[i][1]
  end
  for i, key in ipairs(KEYS) do
    local expires = ARGV[4 * i + 3]
    redis.call('HSET', key, 'count', counters[i][1], 'at', ARGV[1], 'until', counters[i][2])
    if redis.call('PEXPIRETIME', key) < tonumber(expires) then redis.call('PEXPIREAT', key, expires) end
  end
  return counts
`)

const backOff = script(`
  local held = redis.call('HGET', KEYS[1], 'until')
  if not held then return end
  if tonumber(held) < tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'until', ARGV[1]) end
`)

const reset = 'reset'

/** For each key its number of free attempts, or `reset`. */
const release = script(`
  for i, key in ipairs(KEYS) do
    local count = redis.call('HGET', key, 'count')
    if ARGV[i] == '${reset}' then
      redis.call('UNLINK', key)
    elseif count then
      count = math.max(0, tonumber(count) - 1)
      redis.call('HSET', key, 'count', string.format('%.6f', count))
      if ARGV[i] ~= 'inf' and count <= tonumber(ARGV[i]) - 1 then redis.call('HSET', key, 'until', '0') end
    end
  end
`)

export interface RedisCountersOptions {
  readonly patience: number
  /** REDIS_PREFIX. */
  readonly prefix?: string | undefined
  readonly now?: (() => number) | undefined
}

/** Counters in Redis 7 or newer, shared by all machines. */
export class RedisCounters implements Counters {
  readonly #redis: RedisClient
  readonly #patience: number
  readonly #prefix: string
  readonly #now: () => number
  /** How far Redis's clock is ahead of `performance.now()`, in milliseconds; too small by the way of an answer. */
  #ahead: number | undefined

  /** @param patience the client's timeout of a command in milliseconds */
  constructor(
    redis: RedisClient,
    { patience, prefix = defaultPrefix, now = processClock }: RedisCountersOptions
  ) {
    this.#prefix = `${ownPrefix(prefix)}-tries:`
    this.#redis = redis
    this.#patience = patience
    this.#now = now
  }

  take(limits: readonly Limit[]): Promise<Taken> {
    return this.#isCluster ? this.#takeOneByOne(limits) : this.#takeAll(limits)
  }

  async backOff(key: string, until: number): Promise<void> {
    await this.#run(backOff, [key], [until])
  }

  async release(limits: readonly Limit[], forgotten: readonly string[] = []): Promise<void> {
    const keys = [...limits.map(({ key }) => key), ...forgotten]
    const args = [...limits.map(({ allowance }) => lua(allowance.free)), ...forgotten.map(() => reset)]
    if (!this.#isCluster) await this.#run(release, keys, args)
    else await Promise.all(keys.map((key, index) => this.#run(release, [key], args.slice(index, index + 1))))
  }

  async ping(): Promise<void> {
    await orStorageError(() => this.#redis.exists(`${this.#prefix}reachable`))
  }

  async close(): Promise<void> {
    this.#redis.disconnect()
  }

  get #isCluster(): boolean {
    return this.#redis instanceof Cluster
  }

  async #takeAll(limits: readonly Limit[]): Promise<Taken> {
    const now = this.#now()
    const perKey = limits.flatMap(({ allowance: { free, max, decaysEvery, expiresAfter } }) => {
      return [lua(free), lua(max), lua(decaysEvery), now + expiresAfter]
    })
    const keys = limits.map(({ key }) => key)
    const deadline = await this.#deadline()
    const answer = await this.#run(take, keys, [now, provisionalBackOffMilliseconds, deadline, ...perKey])
    const [isCounted, ...numbers] = answer as [number, ...string[]]
    if (isCounted === -1) {
      // The client has not given up, so one of the two clocks was set.
      this.#ahead = undefined
      return this.#takeAll(limits)
    }
    if (isCounted === 1) return { ok: true, counts: numbers.map(Number) }
    const [until, index] = numbers
    const key = keys[Number(index) - 1] ?? ''
    return { ok: false, until: until === 'inf' ? Number.POSITIVE_INFINITY : Number(until), key }
  }

  /** In a Cluster a script cannot reach several keys. If one counter refuses, the others are released. */
  async #takeOneByOne(limits: readonly Limit[]): Promise<Taken> {
    const counts: number[] = []
    for (const [index, limit] of limits.entries()) {
      const taken = await this.#takeAll([limit])
      if (!taken.ok) {
        await this.release(limits.slice(0, index))
        return taken
      }
      counts.push(...taken.counts)
    }
    return { ok: true, counts }
  }

  /**
   * On Redis's clock, when this client gives up. A Redis that stood still reads later commands too; those
   * attempts were answered with an error, and are not counted. The machines of a Cluster have clocks of their own.
   */
  async #deadline(): Promise<string | number> {
    if (this.#isCluster) return lua(Number.POSITIVE_INFINITY)
    if (this.#ahead === undefined) {
      const [seconds, microseconds] = await orStorageError(() => this.#redis.time())
      this.#ahead = Number(seconds) * 1000 + Number(microseconds) / 1000 - performance.now()
    }
    return Math.floor(performance.now() + this.#ahead + this.#patience)
  }

  #run(step: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const redisKeys = keys.map((key) => this.#prefix + key)
    return orStorageError(() => runScript(this.#redis, step, { keys: redisKeys, args }))
  }
}

async function orStorageError<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    throw new StorageError('Redis', cause)
  }
}

/** Lua has no literal for infinity, but parses one. */
function lua(number: number): string {
  return Number.isFinite(number) ? String(number) : 'inf'
}
