import { Cluster } from 'ioredis'
import { isSince } from '../database/ledger-clock.ts'
import { runScript } from '../redis/script.ts'
import type { NewEnding } from './ending.ts'
import { inRedis } from './in-redis.ts'
import { installationSeconds } from './installation.ts'
import { type Claim, floorKeyOf, judgeInRedis } from './judge.ts'
import type { LedgerEndingsOptions } from './ledger-endings.ts'
import { endingBelow, endingOf, handoverOf, type SessionReader } from './logged-endings.ts'
import { readText } from './read-text.ts'
import { channelPattern, endingKeys, installationKey } from './redis-keys.ts'
import { endSession, readEpochHere, readSessionHere } from './redis-scripts.ts'
import type { ReadSession, StoreEndings } from './store-endings.ts'

export type LedgerlessOptions = Omit<LedgerEndingsOptions, 'ledger'>

const knownMilliseconds = installationSeconds * 1000

/**
 * Endings for a program that does not know the accounts database: an Express app without ACCOUNTS_URL. What the services
 * of the installation have written into Redis is believed, and what ends here waits there until one of them has
 * logged it. On a Cluster they write nothing there: the database judges.
 */
export class LedgerlessEndings implements StoreEndings {
  readonly #options: LedgerlessOptions
  readonly #installation: string
  #known = { ledger: '', until: Number.NEGATIVE_INFINITY }

  constructor(options: LedgerlessOptions) {
    this.#options = options
    this.#installation = installationKey(options.prefix)
  }

  get era(): number {
    return this.#options.told.era
  }

  /** Of any ledger: which one is known once a service runs. */
  get channels(): string {
    return channelPattern(this.#options.prefix)
  }

  async read(key: string): Promise<ReadSession | undefined> {
    const { redis, prefix, told, reader } = this.#options
    if (redis instanceof Cluster) return readText(redis, prefix + key)
    const step = { keys: [prefix + key, this.#installation], args: [prefix, await this.#knownLedger()] }
    const answer = await inRedis(() => runScript(redis, readSessionHere, step))
    const [text, expiresAt, , era, owner, ...floor] = answer as (string | null)[]
    told.tell({ era: Number(era ?? 0) })
    if (typeof text !== 'string') return undefined
    const claim = claimIn(reader, key, text)
    const read = { text, expiresAt: Number(expiresAt) }
    if (claim && told.isOver(claim)) return undefined
    if (claim?.owner === undefined) return read
    const found = claim.owner === (owner ?? undefined) ? floor : await this.#floorOf(claim.owner)
    const [held, heldKeep] = found.slice(3)
    if (held && heldKeep !== key) return undefined
    const { isOver, label } = judgeInRedis(claim, Number(era ?? 0), found)
    return isOver ? undefined : { ...read, label }
  }

  async end(key: string): Promise<string | null> {
    const { redis, prefix, reader, told } = this.#options
    for (;;) {
      const text = await inRedis(() => redis.get(prefix + key))
      if (text === null) return null
      const ending = endingOf(key, text, reader)
      const { channel } = await this.#push(ending)
      const args = [channel, JSON.stringify({ ended: [key] }), ...(ending ? [] : [text])]
      const ended = await inRedis(() => runScript(redis, endSession, { keys: [prefix + key], args }))
      if (ended === 0) continue
      told.tell({ ended: [key] })
      return typeof ended === 'string' ? ended : text
    }
  }

  async log(key: string, text: string): Promise<void> {
    await this.#push(endingBelow(key, text, this.#options.reader))
  }

  async logHandover(key: string, from: string, to: string): Promise<void> {
    await this.#push(handoverOf(key, { from, to }, this.#options.reader))
  }

  /** They end one by one: which epoch comes next the database alone knows. */
  async endAllOf(): Promise<undefined> {}

  async endEverything(): Promise<boolean> {
    return false
  }

  async epochOfName(owner: string, arrivedAt?: number): Promise<number> {
    const { redis, prefix, told } = this.#options
    if (redis instanceof Cluster) return 0
    const args = [prefix, await this.#knownLedger(), floorKeyOf(owner)]
    const step = { keys: [this.#installation], args }
    const answer = await inRedis(() => runScript(redis, readEpochHere, step))
    const [epoch, ago, at, era] = answer as [string, number, string, string]
    told.tell({ era: Number(era) })
    const raised = { of: `${this.#installation} ${owner} ${at}`, ago }
    return epoch === '0' ? 0 : Number(epoch) - Number(isSince(raised, arrivedAt))
  }

  /** The services follow; the era is known afterwards. */
  async follow(): Promise<void> {
    await this.epochOfName('')
  }

  close(): void {}

  /** What a script takes for the owner may be somebody else. */
  async #floorOf(owner: string): Promise<(string | null)[]> {
    const { floor } = await this.#keys()
    const key = floor + floorKeyOf(owner)
    return inRedis(() => this.#options.redis.hmget(key, 'epoch', 'era', 'keep', 'held', 'heldKeep', 'label'))
  }

  /** Without a service in the last day nobody would take it out again. */
  async #push(ending: NewEnding | undefined) {
    const { redis } = this.#options
    const keys = await this.#keys()
    if (ending && keys.ledger !== '') await inRedis(() => redis.rpush(keys.outbox, JSON.stringify(ending)))
    return keys
  }

  async #keys() {
    const ledger = await this.#ledger()
    return { ledger, ...endingKeys(this.#options.prefix, ledger) }
  }

  /** While Redis has lost whose it is, its services are those that were there before. */
  async #ledger(): Promise<string> {
    const { redis } = this.#options
    const found = await inRedis(() => redis.get(this.#installation))
    if (found !== null) this.#known = { ledger: found, until: performance.now() + knownMilliseconds }
    return found ?? this.#lastKnown() ?? ''
  }

  #lastKnown(): string | undefined {
    return performance.now() < this.#known.until ? this.#known.ledger : undefined
  }

  async #knownLedger(): Promise<string> {
    return this.#lastKnown() ?? this.#ledger()
  }
}

/** undefined: it is no session. Nobody is let in by it, and who parses it says why. */
function claimIn(reader: SessionReader, key: string, text: string): Claim | undefined {
  try {
    return reader.claimOf(key, text)
  } catch {
    return undefined
  }
}
