import { createHash } from 'node:crypto'
import type { RedisClient } from './client.ts'

/** Lua that Redis runs atomically, and knows by its hash once it was sent. */
export interface Script {
  readonly text: string
  readonly hash: string
}

export function script(text: string): Script {
  return { text, hash: createHash('sha1').update(text).digest('hex') }
}

/** @param keys on a Cluster all on one machine */
export async function runScript(
  redis: RedisClient,
  { text, hash }: Script,
  { keys, args }: { readonly keys: readonly string[]; readonly args: readonly (string | number)[] }
): Promise<unknown> {
  try {
    return await redis.evalsha(hash, keys.length, ...keys, ...args)
  } catch (error) {
    // Redis was restarted, or has not seen the script yet.
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return redis.eval(text, keys.length, ...keys, ...args)
  }
}
