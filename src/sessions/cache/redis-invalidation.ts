import type { Redis } from 'ioredis'
import { defaultPatienceMilliseconds } from '../../primitives/patience.ts'
import { limitPatience } from '../../redis/client.ts'
import type { Changes, Forget } from './cached-store.ts'

const channel = '__redis__:invalidate'
const askEveryMilliseconds = 100
/** How long silence is believed to mean that nothing changed. */
const trustMilliseconds = 500
const lookAgainMilliseconds = 1000

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
export class RedisChanges implements Changes {
  readonly #redis: Redis
  readonly #link: Redis
  readonly #prefix: string
  readonly #asking: NodeJS.Timeout
  #forget: Forget = () => {}
  /** Counts links and their ends: what belongs to an earlier one is of no interest. */
  #life = 0
  #isTracking = false
  /** By a clock that nobody sets. */
  readonly #now: () => number
  /** When the last question was asked that has been answered. */
  #toldUpTo = Number.NEGATIVE_INFINITY
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
    this.#link = limitPatience(link, patience)
    this.#asking = setInterval(() => this.catchUp(), askEveryMilliseconds).unref()
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
    return this.#now() - this.#toldUpTo < trustMilliseconds
  }

  /** Answers when every change made before is told, or as soon as that cannot be known. */
  async catchUp(): Promise<void> {
    if (!this.#isTracking) return
    const life = this.#life
    const askedAt = this.#now()
    try {
      await Promise.all([this.#link.ping(), this.#redis.ping()])
      if (life === this.#life) this.#toldUpTo = askedAt
    } catch {
      // A silent connection is given up a little later; one that is ending is known to refuse before it is closed.
      if (life === this.#life) this.#doubt()
    }
  }

  close(): void {
    clearInterval(this.#asking)
    this.#lose()
    this.#link.disconnect()
  }

  /** In one server the number of a connection is never another one's: so what is told never leads elsewhere. */
  async #track(): Promise<void> {
    const life = ++this.#life
    try {
      const id = await this.#link.client('ID')
      const servers = await Promise.all([serverOf(this.#link), serverOf(this.#redis)])
      await this.#link.subscribe(channel)
      if (life !== this.#life) return
      if (servers[0] !== servers[1]) return this.#relinkLater(life)
      await this.#redis.client('TRACKING', 'ON', 'REDIRECT', id, 'NOLOOP')
      if (life !== this.#life) return
      this.#isTracking = true
      this.refusal = undefined
      await this.catchUp()
    } catch (error) {
      if (error instanceof Error && error.name === 'ReplyError') this.refusal = error.message
      else this.#relinkLater(life)
    }
  }

  #tell(keys: unknown): void {
    const told = Array.isArray(keys) ? keys.map(String) : undefined
    if (!told) this.#forget()
    for (const key of told ?? []) {
      if (key.startsWith(this.#prefix)) this.#forget(key.slice(this.#prefix.length))
    }
  }

  #lose(): void {
    this.#life += 1
    this.#isTracking = false
    this.#doubt()
  }

  /** Nothing is believed until the next answer. */
  #doubt(): void {
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
