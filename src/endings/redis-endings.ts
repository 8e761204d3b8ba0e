import { isSince } from '../database/ledger-clock.ts'
import { durabilityOf } from '../redis/durability.ts'
import { runScript } from '../redis/script.ts'
import { Follower, type Mark } from './follower.ts'
import { type Held, type HeldEndingNeeds, holdEnding } from './held-endings.ts'
import { inRedis } from './in-redis.ts'
import { floorKeyOf, judgeInRedis } from './judge.ts'
import { LedgerEndings } from './ledger-endings.ts'
import { readEpoch, readSession } from './redis-scripts.ts'
import type { ReadSession } from './store-endings.ts'

const followEveryMilliseconds = 250
/** Rows that wait in Redis are written by then; they are applied there already. */
const drainEveryMilliseconds = 5000

/**
 * Endings of sessions in one Redis. What Redis says is believed while its mark has not gone back and it was
 * followed since the last connection; otherwise the database is asked about each session.
 */
export class RedisEndings extends LedgerEndings {
  #follower: Follower | undefined
  #timer: NodeJS.Timeout | undefined
  /** Incremented whenever Redis may have gone back in time. */
  #generation = 0
  #isFollowed = false
  /** Whether Redis may drop floors: of this generation. */
  #mayEvict: { readonly generation: number; readonly may: boolean } | undefined
  #seen: Pick<Mark, 'n' | 'era'> = { n: 0, era: 0 }
  #drainedAt = Number.NEGATIVE_INFINITY
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  /** From now on it follows by itself. */
  start(): void {
    const { redis } = this.options
    redis.on('close', () => this.distrust())
    redis.on('ready', () => this.#followSoon())
    this.#timer = setInterval(() => this.#running || this.#followSoon(), followEveryMilliseconds).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Redis may have gone back in time: until it was followed once more, the database is asked. */
  distrust(): void {
    this.#generation += 1
    this.#isFollowed = false
    this.#followSoon()
  }

  follow(): Promise<void> {
    this.#next ??= this.#followAfter(this.#running)
    return this.#next
  }

  async read(key: string): Promise<ReadSession | undefined> {
    const { redis, prefix, told, reader, ledger } = this.options
    const { mark, floor } = await this.keys()
    const step = { keys: [prefix + key, mark], args: [floor] }
    const answer = await inRedis(() => runScript(redis, readSession, step))
    const [text, expiresAt, n, era, owner, ...rest] = answer as (string | null)[]
    const [held, heldKeep] = rest.slice(3)
    const isBelieved = this.#isBelieved({ n: Number(n ?? 0), era: Number(era ?? 0) })
    if (typeof text !== 'string') return undefined
    const claim = reader.claimOf(key, text)
    const read = { text, expiresAt: Number(expiresAt) }
    if (told.isOver(claim) || (held && heldKeep !== key)) return undefined
    if (claim.owner === undefined) return claim.era < Number(era ?? 0) ? undefined : read
    const { isOver, label } =
      isBelieved && claim.owner === owner
        ? judgeInRedis(claim, Number(era ?? 0), rest)
        : await ledger.judge(claim)
    return isOver ? undefined : { ...read, label }
  }

  async epochOfName(owner: string, arrivedAt?: number): Promise<number> {
    const { redis } = this.options
    const { floor, mark } = await this.keys()
    const key = floor + floorKeyOf(owner)
    const answer = await inRedis(() => runScript(redis, readEpoch, { keys: [key, mark], args: [] }))
    const [epoch, ago, at] = answer as [string, number, string]
    return epoch === '0' ? 0 : Number(epoch) - Number(isSince({ of: `${key} ${at}`, ago }, arrivedAt))
  }

  protected hold(needs: HeldEndingNeeds, held: Held): Promise<void> {
    return holdEnding(needs, held)
  }

  protected onWaiting(): void {
    this.#drainedAt = Number.NEGATIVE_INFINITY
  }

  async #followAfter(before: Promise<void> | undefined): Promise<void> {
    await before?.catch(() => {})
    this.#running = this.#next
    this.#next = undefined
    try {
      await this.#followOnce()
    } finally {
      this.#running = undefined
    }
  }

  #followSoon(): void {
    this.follow().catch(() => {})
  }

  async #followOnce(): Promise<void> {
    const generation = this.#generation
    this.#follower ??= new Follower({ ...this.options, keys: await this.keys() })
    try {
      const mark = await this.#follower.follow()
      await this.#askPolicy(generation)
      if (generation === this.#generation) {
        this.#seen = mark
        this.#isFollowed = true
      }
      this.options.told.tell({ era: mark.era })
    } catch (error) {
      // A Redis that lacks rows is not to be believed; that the database is away says nothing about Redis.
      if (this.#follower.hasUnapplied) this.#isFollowed = false
      throw error
    }
    await this.keepClaim()
    if (this.#drainedAt + drainEveryMilliseconds > performance.now()) return
    await this.#follower.drainOutbox()
    this.#drainedAt = performance.now()
  }

  async #askPolicy(generation: number): Promise<void> {
    if (this.#mayEvict?.generation === generation) return
    const { evictionPolicy } = await inRedis(() => durabilityOf(this.options.redis))
    this.#mayEvict = { generation, may: evictionPolicy !== 'noeviction' }
  }

  #isBelieved(mark: Pick<Mark, 'n' | 'era'>): boolean {
    if (!this.#isFollowed || this.#mayEvict?.may !== false) return false
    const { era, n } = this.#seen
    // What is no number is not believed either.
    if (!(mark.era > era || (mark.era === era && mark.n >= n))) {
      this.distrust()
      return false
    }
    this.#seen = mark
    return true
  }
}
