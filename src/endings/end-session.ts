import type { RedisClient } from '../redis/client.ts'
import { runScript } from '../redis/script.ts'
import { inRedis } from './in-redis.ts'
import { endSession } from './redis-scripts.ts'

export interface EndingNeeds {
  readonly redis: RedisClient
  /** In front of sessions. */
  readonly prefix: string
  /** Tells other processes what ended. */
  readonly channel: string
  /** Logs that a session is over under this key. @returns false if nobody is signed in, which needs no row */
  readonly log: (key: string, text: string) => Promise<boolean>
}

/**
 * Ends a session for good. It is logged first: whoever finds it gone answers that it is over, and the row must be there
 * by then. Somebody may sign in to it meanwhile, so without a row it is deleted only as it was found.
 * @returns its text, or null if it was gone
 */
export async function endLogged(needs: EndingNeeds, key: string): Promise<string | null> {
  const { redis, prefix, channel, log } = needs
  for (;;) {
    const found = await inRedis(() => redis.get(prefix + key))
    if (found === null) return null
    const isLogged = await log(key, found)
    const args = [channel, JSON.stringify({ ended: [key] }), ...(isLogged ? [] : [found])]
    const ended = await inRedis(() => runScript(redis, endSession, { keys: [prefix + key], args }))
    if (ended !== 0) return typeof ended === 'string' ? ended : found
  }
}
