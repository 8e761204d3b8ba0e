import type { Redis } from 'ioredis'
import type { Changes, Forget } from './cached-sessions.ts'

const channel = '__redis__:invalidate'
const askEveryMilliseconds = 100
/** How long silence is believed to mean that nothing changed. */
const trustMilliseconds = 500
const lookAgainMilliseconds = 1000

/**
 * What changes in Redis under a prefix, as Redis itself tells it (CLIENT TRACKING, broadcasting) on a
 * connection of its own, the link: writes by whomever, expiry, eviction, FLUSHALL. Not told: SWAPDB.
 *
 * The link asks for a sign of life ten times a second. The answer comes after all that was told before, so
 * while one was asked for and answered in the last half second, nothing older is unheard: that is the longest
 * a change can go unnoticed where the link is dead and neither end knows. Where the link is seen to break, or
 * the connection that reads, everything is forgotten at once.
 */
export class RedisChanges implements Changes {
  readonly #redis: Redis
  readonly #link: Redis
  readonly #prefix: string
  readonly #asking: NodeJS.Timeout
  #forget: Forget = () => {}
  /** Counts links and their ends: what belongs to an earlier one is of no interest. */
  #life = 0
  #isTracking = false
  /** When the last question was asked that has been answered, by performance.now(). */
  #toldUpTo = Number.NEGATIVE_INFINITY
  refusal: string | undefined

  /** @param redis the connection that reads: the link leads to the same server, or tells nothing */
  constructor(redis: Redis, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
    // ioredis has no ears for these messages under RESP3. Under RESP2 Redis sends them to a subscriber.
    this.#link = redis.duplicate({ protocol: 2, autoResubscribe: false, lazyConnect: true })
    this.#asking = setInterval(() => this.#ask(), askEveryMilliseconds).unref()
  }

  listen(forget: Forget): void {
    this.#forget = forget
    this.#link.on('messageBuffer', (_channel, keys: unknown) => this.#tell(keys))
    this.#link.on('ready', () => this.#track())
    this.#link.on('close', () => this.#lose())
    this.#link.on('error', () => {
      // The connection that reads says so too; this one is tried again until it is back.
    })
    this.#redis.on('close', () => this.#lose())
    // It may lead to another server now.
    this.#redis.on('ready', () => this.#relink())
    this.#link.connect().catch(() => {})
  }

  areTold(): boolean {
    return performance.now() - this.#toldUpTo < trustMilliseconds
  }

  /** Unanswered for as long as commands may take, silence is not believed any more. */
  catchUp(): Promise<void> {
    return this.#ask()
  }

  close(): void {
    clearInterval(this.#asking)
    this.#lose()
    this.#link.disconnect()
  }

  /** A link asks to be told itself: so what it is told ends with it, and never leads elsewhere. */
  async #track(): Promise<void> {
    const life = ++this.#life
    try {
      const id = await this.#link.client('ID')
      await this.#link.client('TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', this.#prefix)
      const servers = await Promise.all([serverOf(this.#link), serverOf(this.#redis)])
      await this.#link.subscribe(channel)
      if (life !== this.#life) return
      if (servers[0] !== servers[1]) return this.#relinkLater(life)
      this.#isTracking = true
      this.refusal = undefined
      await this.#ask()
    } catch (error) {
      if (error instanceof Error && error.name === 'ReplyError') this.refusal = error.message
      else this.#relinkLater(life)
    }
  }

  #tell(keys: unknown): void {
    if (!Array.isArray(keys)) this.#forget()
    else for (const key of keys) this.#forget(String(key).slice(this.#prefix.length))
  }

  async #ask(): Promise<void> {
    if (!this.#isTracking) return
    const life = this.#life
    const askedAt = performance.now()
    try {
      await this.#link.ping()
      if (life === this.#life) this.#toldUpTo = askedAt
    } catch {
      // Not answered, so not believed; ioredis gives the link up after two seconds.
    }
  }

  #lose(): void {
    this.#life += 1
    this.#isTracking = false
    this.#toldUpTo = Number.NEGATIVE_INFINITY
    this.#forget()
  }

  /** One that is only being opened is left alone: it looks at the server when it is open. */
  #relink(): void {
    if (this.#link.status === 'ready') this.#link.disconnect(true)
  }

  /** Unless there is another one by then. */
  #relinkLater(life: number): void {
    setTimeout(() => life === this.#life && this.#relink(), lookAgainMilliseconds).unref()
  }
}

/** Which run of which server answers: after a failover two connections may lead to two. */
async function serverOf(redis: Redis): Promise<string> {
  return /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1] ?? ''
}
