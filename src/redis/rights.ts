import { StoreRefusal } from '../errors/store-refusal.ts'
import type { RedisClient } from './client.ts'
import { ownPrefix } from './prefix.ts'
import { refusalOf } from './refusals.ts'

/**
 * All that is done to keys in Redis, by what follows the prefix without its colon. Each call changes nothing, or
 * what the last one takes away again. docs/deploying.md lists the rights; test/redis/rights.test.ts compares.
 */
const calls: Readonly<Record<string, readonly (readonly (string | number)[])[]>> = {
  // Sessions: what begins with the prefix is one, so none is made.
  ':': [['GET'], ['SET', '', 'XX'], ['PEXPIRETIME'], ['PEXPIREAT', 1, 'LT'], ['EXISTS'], ['UNLINK']],
  // Whose sessions they are.
  '-of:': [
    ['ZADD', 'XX', 0, 'x'],
    ['PEXPIREAT', 1],
    ['ZRANGE', 0, 0],
    ['ZRANGEBYSCORE', 0, 0],
    ['ZREVRANGEBYSCORE', 0, 0],
    ['ZRANDMEMBER', 1],
    ['ZSCORE', 'x'],
    ['ZCARD'],
    ['ZREM', 'x']
  ],
  // Attempts.
  '-tries:': [
    ['HSET', 'x', 0],
    ['HMGET', 'x'],
    ['HGET', 'x'],
    ['PEXPIRETIME'],
    ['PEXPIREAT', 1, 'GT'],
    ['EXISTS'],
    ['UNLINK']
  ],
  // The ledger of endings.
  '-mark:': [
    ['HSET', 'x', 0],
    ['HMGET', 'x'],
    ['HGET', 'x'],
    ['EXPIRE', 60],
    ['HDEL', 'x']
  ],
  '-floor:': [
    ['HSET', 'x', 0],
    ['HMGET', 'x'],
    ['HGET', 'x'],
    ['PEXPIRE', 60_000],
    ['HDEL', 'x']
  ],
  '-outbox:': [
    ['RPUSH', 'x'],
    ['LRANGE', 0, 0],
    ['LREM', 0, 'x']
  ],
  '-ended:': [['PUBLISH', '{}']]
}

/** At the end of the names of keys; on a Cluster they are on one machine for it. */
const trial = '{latchkey-trial}'

/** Runs each call that follows, and returns those that are refused, with the server's words. */
const tryAll = `
  local refused = {}
  for _, call in ipairs(cjson.decode(ARGV[1])) do
    local answer = redis.pcall(unpack(call))
    if type(answer) == 'table' and answer.err then table.insert(refused, { call[1], call[2] or '', answer.err }) end
  end
  return refused
`

/**
 * Tries what the service will do, so that a missing right is found before somebody signs in.
 * @param prefix REDIS_PREFIX
 * @returns what is refused for good; undefined: nothing, or it cannot be known now
 */
export async function missingRights(redis: RedisClient, prefix: string): Promise<StoreRefusal | undefined> {
  const own = ownPrefix(prefix)
  const named = (kind: string) => `${own}${kind}${trial}`
  const inScript = Object.entries(calls).flatMap(([kind, ofKind]) =>
    ofKind.map(([command, ...args]) => [command, named(kind), ...args])
  )
  // Undeclared keys are checked one by one. A Cluster has to know where they are: all on one machine.
  const declared = redis.isCluster ? [named(':')] : []
  const texts = JSON.stringify([...inScript, ['TIME']])
  const installation = `${own}-installation`
  try {
    const refused = await Promise.all([
      refusedOr('EVAL', '', redis.eval(tryAll, declared.length, ...declared, texts)),
      refusedOr('GET', installation, redis.get(installation)),
      refusedOr('SCAN', '', redis.scan('0', 'MATCH', named(':'), 'COUNT', 1)),
      refusedOr('EVALSHA', '', redis.evalsha('0'.repeat(40), 0)),
      refusedOr('PING', '', redis.ping())
    ])
    return refusalIn(refused.flat())
  } catch (error) {
    return error instanceof Error ? refusalOf(error) : undefined
  }
}

type Refused = readonly [command: string, key: string, answer: string]

/** What a script says was refused, or the command itself. Other errors of the server say that it may be used. */
async function refusedOr(
  command: string,
  key: string,
  answer: Promise<unknown>
): Promise<readonly Refused[]> {
  try {
    const refused = await answer
    return command === 'EVAL' ? (refused as readonly Refused[]) : []
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return [[command, key, error.message]]
    throw error
  }
}

/** A Redis that is full or follows another one refuses too, and may change its mind. */
function refusalIn(refused: readonly Refused[]): StoreRefusal | undefined {
  const unknown = refused.filter(([, , answer]) => /unknown redis command/i.test(answer))
  if (unknown.length > 0)
    return new StoreRefusal(
      `it does not know ${unique(unknown.map(([command]) => command))}, as Redis 7 and newer do`
    )
  const missing = refused.filter(([, , answer]) =>
    /NOPERM|ACL failure|executing the script can't/.test(answer)
  )
  if (missing.length === 0) return undefined
  const rights = missing.map(([command, key]) => `${command} ${key.replace(trial, '*')}`.trim())
  return new StoreRefusal(`NOPERM its user may not run ${unique(rights)}`)
}

function unique(names: readonly string[]): string {
  return [...new Set(names)].join(', ')
}
