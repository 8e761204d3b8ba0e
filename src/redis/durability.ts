/** What Redis may lose. A value that it does not tell is missing. */
export interface RedisDurability {
  /** Its `maxmemory-policy`: what it evicts when its memory is full. */
  readonly evictionPolicy?: string | undefined
  /** Whether every write goes to the append-only file. */
  readonly appendsToFile?: boolean | undefined
  /** Whether it saves snapshots to disk. */
  readonly takesSnapshots?: boolean | undefined
  /** The id of another installation's ledger that has the same prefix. */
  readonly otherInstallation?: string | undefined
  /** Why it refuses CLIENT TRACKING, in its own words. */
  readonly refusesTracking?: string | undefined
  /** Whether sessions are used for up to a second all the same. */
  readonly keepsUntracked?: boolean | undefined
}

/** ioredis's. Of a Cluster one master answers for all. */
interface Asked {
  info(): Promise<string>
  config(subcommand: 'GET', name: string): Promise<unknown>
}

/** Uses INFO, and CONFIG if allowed. Rejects when Redis is down. */
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

/** A refusal (managed Redis without CONFIG, an ACL without INFO) is not an error: the value is unknown. */
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
