import type { Redis } from 'ioredis'
import { defaultPatienceMilliseconds } from '../../primitives/patience.ts'
import { limitPatience, retryDelay } from '../../redis/client.ts'
import type { Invalidate, Invalidation } from './invalidation.ts'

const channel = '__redis__:invalidate'
/** How long the cache may be used after the last ping. */
const trustMilliseconds = 500
const reconnectAfterMilliseconds = 1000

export interface RedisInvalidationOptions {
  /** Timeout of a ping in milliseconds. */
  readonly patience?: number
  /** In milliseconds, less than half of the time for which an answer counts. */
  readonly pingEvery?: number
  /** A monotonic clock. */
  readonly now?: () => number
  /** What processes tell each other, over the second connection, and so within the same time. */
  readonly messages?: Messages
}

export interface Messages {
  /** A pattern if it has an asterisk. Known as soon as the other store was reached. */
  channel(): Promise<string>
  onMessage(text: string): void
  /** Redis may have other data now: FLUSHALL, or what a master that it follows has sent. */
  onReplaced(): void
}

/**
 * Redis notifies of changes to keys that one connection has read, by commands or in scripts (CLIENT
 * TRACKING), over a second connection: writes by others, expiry, eviction, FLUSHALL. Not of SWAPDB, and not
 * of the first connection's own writes, after which it has to read again to get the next notification.
 *
 * Both connections are pinged ten times a second. The answer on the second one comes after all earlier
 * notifications; the answer on the first shows that tracking still works. So while both have answered in the
 * last half second, no older change is unreported: this is the longest time that a change can go unnoticed
 * when a connection is dead and neither end knows. When a connection breaks, the whole cache is dropped at
 * once.
 */
export class RedisInvalidation implements Invalidation {
  readonly #redis: Redis
  readonly #notices: Redis
  readonly #prefix: string
  readonly #pinging: NodeJS.Timeout
  #invalidate: Invalidate = () => {}
  /** Incremented when the second connection starts and ends: results of an earlier one are ignored. */
  #generation = 0
  #isTracking = false
  readonly #now: () => number
  readonly #messages: Messages | undefined
  /** When the last answered ping was sent. */
  #currentUpTo = Number.NEGATIVE_INFINITY
  refusal: string | undefined
  readonly #answer = Promise.withResolvers<void>()

  /** @param redis the connection that reads; both have to lead to the same server */
  constructor(redis: Redis, prefix: string, options: RedisInvalidationOptions = {}) {
    const { patience = defaultPatienceMilliseconds, now = () => performance.now() } = options
    const { messages, pingEvery = 100 } = options
    this.#messages = messages
    this.#redis = redis
    this.#prefix = prefix
    this.#now = now
    // ioredis ignores these messages under RESP3. Under RESP2 Redis sends them to a subscriber.
    // A node of a Cluster is not connected to again by itself.
    const link = redis.duplicate({
      protocol: 2,
      autoResubscribe: false,
      lazyConnect: true,
      retryStrategy: retryDelay
    })
    this.#notices = limitPatience(link, patience)
    this.#pinging = setInterval(() => this.catchUp(), pingEvery).unref()
  }

  listen(forget: Invalidate): void {
    this.#invalidate = forget
    this.#notices.on('messageBuffer', (from, message: unknown) => {
      if (String(from) === channel) this.#report(message)
      else this.#messages?.onMessage(String(message))
    })
    this.#notices.on('pmessageBuffer', (_pattern, _from, message) =>
      this.#messages?.onMessage(String(message))
    )
    this.#notices.on('ready', () => this.#track())
    this.#notices.on('close', () => this.#onLost())
    this.#notices.on('error', () => {
      // The connection that reads reports it too; this one reconnects by itself.
    })
    this.#redis.on('close', () => this.#onLost())
    // It may lead to another server now.
    this.#redis.on('ready', () => this.#reconnect())
    this.#notices.connect().catch(() => {})
  }

  isCurrent(): boolean {
    return this.#now() - this.#currentUpTo < trustMilliseconds
  }

  settled(): Promise<void> {
    return this.#answer.promise
  }

  /** Resolves when every earlier change has been reported, or as soon as that cannot be known. */
  async catchUp(): Promise<void> {
    if (!this.#isTracking) return
    const generation = this.#generation
    const askedAt = this.#now()
    try {
      await Promise.all([this.#notices.ping(), this.#redis.ping()])
      if (generation === this.#generation) this.#currentUpTo = askedAt
    } catch {
      // A connection that does not answer is closed a little later; one that is closing refuses before it is
      // closed.
      if (generation === this.#generation) this.#distrust()
    }
  }

  close(): void {
    clearInterval(this.#pinging)
    this.#onLost()
    this.#notices.disconnect()
  }

  /** A server never reuses the id of a connection, so notifications cannot go to another one. */
  async #track(): Promise<void> {
    const generation = ++this.#generation
    try {
      const id = await this.#notices.client('ID')
      const servers = await Promise.all([serverOf(this.#notices), serverOf(this.#redis)])
      await this.#notices.subscribe(channel)
      const told = await this.#messages?.channel()
      if (told !== undefined)
        await (told.includes('*') ? this.#notices.psubscribe(told) : this.#notices.subscribe(told))
      if (generation !== this.#generation) return
      if (servers[0] !== servers[1]) return this.#reconnectLater(generation)
      await this.#redis.client('TRACKING', 'ON', 'REDIRECT', id, 'NOLOOP')
      if (generation !== this.#generation) return
      this.#isTracking = true
      this.refusal = undefined
      this.#answer.resolve()
      // Of what was read before, while it was refused, Redis does not tell.
      this.#invalidate()
      await this.catchUp()
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ReplyError')) return this.#reconnectLater(generation)
      this.refusal = error.message
      this.#answer.resolve()
    }
  }

  #report(keys: unknown): void {
    const told = Array.isArray(keys) ? keys.map(String) : undefined
    if (!told) {
      this.#messages?.onReplaced()
      this.#invalidate()
    }
    for (const key of told ?? []) {
      if (key.startsWith(this.#prefix)) this.#invalidate(key.slice(this.#prefix.length))
    }
  }

  #onLost(): void {
    this.#generation += 1
    this.#isTracking = false
    this.#distrust()
  }

  /** The cache is not used until the next answer. */
  #distrust(): void {
    this.#currentUpTo = Number.NEGATIVE_INFINITY
    this.#invalidate()
  }

  /** A connection that is being opened is left alone: it checks the server when it is open. */
  #reconnect(): void {
    if (this.#notices.status === 'ready') this.#notices.disconnect(true)
  }

  /** Unless there is another connection by then. */
  #reconnectLater(generation: number): void {
    setTimeout(() => generation === this.#generation && this.#reconnect(), reconnectAfterMilliseconds).unref()
  }
}

/** Which run of which server answers: after a failover the two connections may lead to different servers. */
async function serverOf(redis: Redis): Promise<string> {
  return /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1] ?? ''
}
