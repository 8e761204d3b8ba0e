import type { Redis } from 'ioredis'
import { defaultPatienceMilliseconds } from '../../primitives/patience.ts'
import { limitPatience } from '../../redis/client.ts'
import type { Invalidate, Invalidation } from './cached-store.ts'

const channel = '__redis__:invalidate'
const pingEveryMilliseconds = 100
/** How long silence is believed to mean that nothing changed. */
const trustMilliseconds = 500
const reconnectAfterMilliseconds = 1000

/**
 * What changes in Redis of all that one connection has read, by commands or in scripts, as Redis itself tells it
 * (CLIENT TRACKING) on another connection, the link: writes by whomever else, expiry, eviction, FLUSHALL. Not
 * told: SWAPDB; and what the connection that reads writes itself, after which it has to read again to be told of
 * the next change.
 *
 * Both connections are asked for a sign of life ten times a second. The link's comes after all that was told
 * before, and the other one's says that there is somebody to tell. So while both were asked for and given in the
 * last half second, nothing older is unheard: that is the longest a change can go unnoticed where one of them is
 * dead and neither end knows. Where one is seen to break, everything is forgotten at once.
 */
export class RedisInvalidation implements Invalidation {
  readonly #redis: Redis
  readonly #notices: Redis
  readonly #prefix: string
  readonly #pinging: NodeJS.Timeout
  #invalidate: Invalidate = () => {}
  /** Counts links and their ends: what belongs to an earlier one is of no interest. */
  #generation = 0
  #isTracking = false
  /** By a clock that nobody sets. */
  readonly #now: () => number
  /** When the last question was asked that has been answered. */
  #currentUpTo = Number.NEGATIVE_INFINITY
  refusal: string | undefined

  /**
   * @param redis the connection that reads: the link leads to the same server, or tells nothing
   * @param options how long the link waits for an answer, in milliseconds, and a clock that only goes forward
   */
  constructor(redis: Redis, prefix: string, options: { patience?: number; now?: () => number } = {}) {
    const { patience = defaultPatienceMilliseconds, now = () => performance.now() } = options
    this.#redis = redis
    this.#prefix = prefix
    this.#now = now
    // ioredis has no ears for these messages under RESP3. Under RESP2 Redis sends them to a subscriber.
    const link = redis.duplicate({ protocol: 2, autoResubscribe: false, lazyConnect: true })
    this.#notices = limitPatience(link, patience)
    this.#pinging = setInterval(() => this.catchUp(), pingEveryMilliseconds).unref()
  }

  listen(forget: Invalidate): void {
    this.#invalidate = forget
    this.#notices.on('messageBuffer', (_channel, keys: unknown) => this.#report(keys))
    this.#notices.on('ready', () => this.#track())
    this.#notices.on('close', () => this.#onLost())
    this.#notices.on('error', () => {
      // The connection that reads says so too; this one is tried again until it is back.
    })
    this.#redis.on('close', () => this.#onLost())
    // It may lead to another server now.
    this.#redis.on('ready', () => this.#reconnect())
    this.#notices.connect().catch(() => {})
  }

  isCurrent(): boolean {
    return this.#now() - this.#currentUpTo < trustMilliseconds
  }

  /** Answers when every change made before is told, or as soon as that cannot be known. */
  async catchUp(): Promise<void> {
    if (!this.#isTracking) return
    const generation = this.#generation
    const askedAt = this.#now()
    try {
      await Promise.all([this.#notices.ping(), this.#redis.ping()])
      if (generation === this.#generation) this.#currentUpTo = askedAt
    } catch {
      // A silent connection is given up a little later; one that is ending is known to refuse before it is closed.
      if (generation === this.#generation) this.#distrust()
    }
  }

  close(): void {
    clearInterval(this.#pinging)
    this.#onLost()
    this.#notices.disconnect()
  }

  /** In one server the number of a connection is never another one's: so what is told never leads elsewhere. */
  async #track(): Promise<void> {
    const generation = ++this.#generation
    try {
      const id = await this.#notices.client('ID')
      const servers = await Promise.all([serverOf(this.#notices), serverOf(this.#redis)])
      await this.#notices.subscribe(channel)
      if (generation !== this.#generation) return
      if (servers[0] !== servers[1]) return this.#reconnectLater(generation)
      await this.#redis.client('TRACKING', 'ON', 'REDIRECT', id, 'NOLOOP')
      if (generation !== this.#generation) return
      this.#isTracking = true
      this.refusal = undefined
      await this.catchUp()
    } catch (error) {
      if (error instanceof Error && error.name === 'ReplyError') this.refusal = error.message
      else this.#reconnectLater(generation)
    }
  }

  #report(keys: unknown): void {
    const told = Array.isArray(keys) ? keys.map(String) : undefined
    if (!told) this.#invalidate()
    for (const key of told ?? []) {
      if (key.startsWith(this.#prefix)) this.#invalidate(key.slice(this.#prefix.length))
    }
  }

  #onLost(): void {
    this.#generation += 1
    this.#isTracking = false
    this.#distrust()
  }

  /** Nothing is believed until the next answer. */
  #distrust(): void {
    this.#currentUpTo = Number.NEGATIVE_INFINITY
    this.#invalidate()
  }

  /** One that is only being opened is left alone: it looks at the server when it is open. */
  #reconnect(): void {
    if (this.#notices.status === 'ready') this.#notices.disconnect(true)
  }

  /** Unless there is another one by then. */
  #reconnectLater(generation: number): void {
    setTimeout(() => generation === this.#generation && this.#reconnect(), reconnectAfterMilliseconds).unref()
  }
}

/** Which run of which server answers: after a failover two connections may lead to two. */
async function serverOf(redis: Redis): Promise<string> {
  return /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1] ?? ''
}
