import { isSince } from '../database/ledger-clock.ts'
import type { RedisClient } from '../redis/client.ts'
import { durabilityOf } from '../redis/durability.ts'
import { runScript } from '../redis/script.ts'
import { endLogged } from './end-session.ts'
import { type NewEnding, newNonce } from './ending.ts'
import { Follower, type Mark } from './follower.ts'
import { holdEnding } from './held-endings.ts'
import { inRedis } from './in-redis.ts'
import { otherInstallation } from './installation.ts'
import { floorKeyOf, isOfName, isOverInRedis } from './judge.ts'
import type { Ledger } from './ledger.ts'
import { endingBelow, endingOf, handoverOf, type SessionReader } from './logged-endings.ts'
import { type EndingKeys, endingKeys } from './redis-keys.ts'
import { readEpoch, readSession } from './redis-scripts.ts'
import { everyEpoch, type ReadSession, type StoreEndings } from './store-endings.ts'
import type { Told } from './told.ts'

const followEveryMilliseconds = 250
const claimEveryMilliseconds = 60 * 60 * 1000
/** Rows that wait in Redis are written by then; they are applied there already. */
const drainEveryMilliseconds = 5000

export interface RedisEndingsOptions {
  readonly redis: RedisClient
  readonly ledger: Ledger
  /** In front of sessions. */
  readonly prefix: string
  readonly reader: SessionReader
  /** How long a session may live at most, in milliseconds. */
  readonly longestLife: number
  readonly told: Told
}

/**
 * Endings of sessions in one Redis. What Redis says is believed while its mark has not gone back and it was
 * followed since the last connection; otherwise the database is asked about each session.
 */
export class RedisEndings implements StoreEndings {
  readonly #options: RedisEndingsOptions
  #keys: EndingKeys | undefined
  #follower: Follower | undefined
  #timer: NodeJS.Timeout | undefined
  /** Incremented whenever Redis may have gone back in time. */
  #generation = 0
  #isFollowed = false
  /** Whether Redis may drop floors: of this generation. */
  #mayEvict: { readonly generation: number; readonly may: boolean } | undefined
  #seen: Pick<Mark, 'n' | 'era'> = { n: 0, era: 0 }
  #drainedAt = Number.NEGATIVE_INFINITY
  #claimedAt = Number.NEGATIVE_INFINITY
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(options: RedisEndingsOptions) {
    this.#options = options
  }

  get era(): number {
    return this.#options.told.era
  }

  /** The names of its keys. */
  async keys(): Promise<EndingKeys> {
    this.#keys ??= endingKeys(this.#options.prefix, await this.#options.ledger.id())
    return this.#keys
  }

  /** From now on it follows by itself. */
  start(): void {
    const { redis } = this.#options
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
    this.#claimedAt = Number.NEGATIVE_INFINITY
    this.#followSoon()
  }

  follow(): Promise<void> {
    this.#next ??= this.#followAfter(this.#running)
    return this.#next
  }

  async read(key: string): Promise<ReadSession | undefined> {
    const { redis, prefix, told, reader, ledger } = this.#options
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
    const isOver =
      isBelieved && claim.owner === owner
        ? isOverInRedis(claim, Number(era ?? 0), rest)
        : await ledger.isOver(claim)
    return isOver ? undefined : read
  }

  async end(key: string): Promise<string | null> {
    const { redis, prefix, reader, told } = this.#options
    const { channel } = await this.keys()
    const log = async (key: string, text: string) => {
      const ending = endingOf(key, text, reader)
      if (!ending) return false
      await this.#log(ending)
      // Before, it is not known to be over: whoever is told that it failed tries again.
      told.tell({ ended: [key] })
      return true
    }
    return endLogged({ redis, prefix, channel, log }, key)
  }

  async log(key: string, text: string): Promise<void> {
    const ending = endingBelow(key, text, this.#options.reader)
    if (ending) await this.#log(ending)
  }

  async logHandover(key: string, from: string, to: string): Promise<void> {
    const ending = handoverOf(key, { from, to }, this.#options.reader)
    if (ending) await this.#log(ending)
  }

  async endAllOf(owner: string, keep?: string): Promise<number | undefined> {
    try {
      return await this.#endAllOf(owner, keep)
    } catch {
      // Whether or not it was done: doing it again is safe.
      await holdEnding({ ...this.#options, keys: await this.keys() }, owner, keep)
      this.#drainedAt = Number.NEGATIVE_INFINITY
      return everyEpoch
    }
  }

  async #endAllOf(owner: string, keep?: string): Promise<number | undefined> {
    const { ledger, longestLife } = this.#options
    const name = isOfName(owner) ? owner.slice('name:'.length) : undefined
    const epoch = name === undefined ? await ledger.endAccount(owner, keep) : undefined
    const until = Date.now() + longestLife
    if (name !== undefined) await ledger.log({ kind: 'name', owner, keep, nonce: newNonce(), until })
    await this.follow()
    return name === undefined ? epoch : ledger.epochOfName(name)
  }

  async endEverything(): Promise<boolean> {
    const { ledger, longestLife } = this.#options
    await this.follow()
    const epoch = this.era + 1
    await ledger.log({ kind: 'era', epoch, nonce: newNonce(), until: Date.now() + longestLife })
    await this.follow()
    return true
  }

  async epochOfName(owner: string, arrivedAt?: number): Promise<number> {
    const { redis } = this.#options
    const { floor, mark } = await this.keys()
    const key = floor + floorKeyOf(owner)
    const answer = await inRedis(() => runScript(redis, readEpoch, { keys: [key, mark], args: [] }))
    const [epoch, ago, at] = answer as [string, number, string]
    return epoch === '0' ? 0 : Number(epoch) - Number(isSince({ of: `${key} ${at}`, ago }, arrivedAt))
  }

  /** While the database is away the row waits in Redis. */
  async #log(ending: NewEnding): Promise<void> {
    const { redis, ledger } = this.#options
    const { outbox } = await this.keys()
    await ledger.log(ending).catch(async () => {
      await inRedis(() => redis.rpush(outbox, JSON.stringify(ending)))
      this.#drainedAt = Number.NEGATIVE_INFINITY
    })
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
    this.#follower ??= new Follower({ ...this.#options, keys: await this.keys() })
    try {
      const mark = await this.#follower.follow()
      await this.#askPolicy(generation)
      if (generation === this.#generation) {
        this.#seen = mark
        this.#isFollowed = true
      }
      this.#options.told.tell({ era: mark.era })
    } catch (error) {
      // A Redis that lacks rows is not to be believed; that the database is away says nothing about Redis.
      if (this.#follower.hasUnapplied) this.#isFollowed = false
      throw error
    }
    if (this.#drainedAt + drainEveryMilliseconds > performance.now()) return
    await this.#follower.drainOutbox()
    this.#drainedAt = performance.now()
    if (this.#claimedAt + claimEveryMilliseconds > performance.now()) return
    await this.otherInstallation()
    this.#claimedAt = performance.now()
  }

  /** See installation.ts. */
  async otherInstallation(): Promise<string | undefined> {
    const { redis, prefix, ledger } = this.#options
    return otherInstallation(redis, prefix, await ledger.id())
  }

  async #askPolicy(generation: number): Promise<void> {
    if (this.#mayEvict?.generation === generation) return
    const { evictionPolicy } = await inRedis(() => durabilityOf(this.#options.redis))
    this.#mayEvict = { generation, may: evictionPolicy !== 'noeviction' }
  }

  #isBelieved(mark: Pick<Mark, 'n' | 'era'>): boolean {
    if (!this.#isFollowed || this.#mayEvict?.may !== false) return false
    const { era, n } = this.#seen
    if (mark.era < era || (mark.era === era && mark.n < n)) {
      this.distrust()
      return false
    }
    this.#seen = mark
    return true
  }
}
