import { BatchingRedis, type RedisClient } from '../../redis/client.ts'
import { runScript, script } from '../../redis/script.ts'

/** A text to be replaced if it is still `from`. */
interface Write {
  readonly redisKey: string
  readonly from: string
  readonly to: string
}

interface WaitingWrite extends Write {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

/** The maximum number in one command, so that others do not wait long for Redis. */
const batchSize = 100

/**
 * Compares and sets whole texts: Redis's own JSON would turn an empty list into an object. Reading the expiry
 * subscribes the process to the next change: see RedisInvalidation. Redis refuses either all writes or none,
 * so an error means that nothing was written; a key that is not text fails only its own session.
 */
const compareAndSet = script(`
  local answers = {}
  for n, key in ipairs(KEYS) do
    local answer = redis.pcall('GET', key)
    if answer == ARGV[2 * n - 1] then
      redis.call('SET', key, ARGV[2 * n], 'KEEPTTL')
      answer = redis.call('PEXPIRETIME', key)
    elseif type(answer) == 'table' then
      answer = { answer.err }
    end
    answers[n] = answer
  end
  return answers
`)

/**
 * Sends all writes of one turn of the event loop, of whatever requests, to Redis as one command: separate
 * commands would cost several times as much. On a Cluster, where keys are on different machines, each write
 * is a command.
 */
export class RedisWrites {
  readonly #redis: RedisClient
  #waiting: WaitingWrite[] = []

  constructor(redis: RedisClient) {
    this.#redis = redis
  }

  /** @returns the expiry if the text was replaced, else the current text, or null */
  compareAndSet(write: Write): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const waiting = { ...write, resolve, reject }
    if (!(this.#redis instanceof BatchingRedis)) this.#send([waiting])
    else if (this.#waiting.push(waiting) === 1) this.#redis.atEndOfTurn(() => this.#sendAll())
    return promise
  }

  #sendAll(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (let start = 0; start < waiting.length; start += batchSize)
      this.#send(waiting.slice(start, start + batchSize))
  }

  async #send(writes: readonly WaitingWrite[]): Promise<void> {
    const keys = writes.map(({ redisKey }) => redisKey)
    const args = writes.flatMap(({ from, to }) => [from, to])
    try {
      const answers = await runScript(this.#redis, compareAndSet, { keys, args })
      for (const [place, write] of writes.entries()) settle(write, Reflect.get(Object(answers), place))
    } catch (error) {
      for (const { reject } of writes) reject(error)
    }
  }
}

function settle({ resolve, reject }: WaitingWrite, answer: unknown): void {
  if (Array.isArray(answer)) reject(new Error(String(answer[0])))
  else resolve(answer)
}
