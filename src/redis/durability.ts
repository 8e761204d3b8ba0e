import type { Redis } from 'ioredis'

/** What a Redis says about keeping what it is given. What it does not say, or may not, is missing. */
export interface RedisDurability {
  /** Its `maxmemory-policy`: what it drops when its memory is full. */
  readonly evictionPolicy?: string | undefined
  /** Whether every write goes to its append-only file. */
  readonly appendsToFile?: boolean | undefined
  /** Whether it writes all it has to disk now and then. */
  readonly takesSnapshots?: boolean | undefined
  /** Why it does not tell of changes, in its own words. */
  readonly refusesTracking?: string | undefined
}

/** Of a cluster, one master answers for all. */
type Asked = Pick<Redis, 'info' | 'config'>

/** Asks with INFO, and CONFIG where that is allowed. Rejects when Redis is away. */
export async function durabilityOf(redis: Asked): Promise<RedisDurability> {
  const info = await answerOf(() => redis.info())
  const aof = valueIn(info, 'aof_enabled')
  const save = await answerOf(() => redis.config('GET', 'save'))
  const [, savePoints] = Array.isArray(save) ? save : []
  return {
    evictionPolicy: valueIn(info, 'maxmemory_policy'),
    appendsToFile: aof === undefined ? undefined : aof === '1',
    takesSnapshots: savePoints === undefined ? undefined : savePoints !== ''
  }
}

/** A Redis that is there and says no (a managed one to CONFIG, an ACL to INFO) has no answer; that is no fault. */
async function answerOf<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return undefined
    throw error
  }
}

function valueIn(info: string | undefined, field: string): string | undefined {
  return new RegExp(`^${field}:(.*?)\r?$`, 'm').exec(info ?? '')?.[1]
}
