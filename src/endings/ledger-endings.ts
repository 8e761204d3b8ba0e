import type { RedisClient } from '../redis/client.ts'
import { endLogged } from './end-session.ts'
import { type NewEnding, newNonce } from './ending.ts'
import { type Held, type HeldEndingNeeds, heldEnding } from './held-endings.ts'
import { inRedis } from './in-redis.ts'
import { InstallationClaim, otherInstallation } from './installation.ts'
import { type Claim, isOfName } from './judge.ts'
import type { Ledger } from './ledger.ts'
import { endingBelow, endingOf, handoverOf, type SessionReader } from './logged-endings.ts'
import { type EndingKeys, endingKeys } from './redis-keys.ts'
import { everyEpoch, type ReadSession, type StoreEndings } from './store-endings.ts'
import type { Told } from './told.ts'

export interface LedgerEndingsOptions {
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
 * Endings of sessions in Redis that are written down in the ledger: first there, then Redis is changed. How a session
 * that is read is judged differs between one Redis and a Cluster.
 */
export abstract class LedgerEndings implements StoreEndings {
  protected readonly options: LedgerEndingsOptions
  readonly #claim: InstallationClaim
  #keys: EndingKeys | undefined

  constructor(options: LedgerEndingsOptions) {
    this.options = options
    this.#claim = new InstallationClaim(options)
  }

  abstract read(key: string): Promise<ReadSession | undefined>
  abstract epochOfName(owner: string, arrivedAt?: number): Promise<number>
  abstract follow(): Promise<void>
  abstract close(): void

  /** While the database is away, ends all sessions of an owner. */
  protected abstract hold(needs: HeldEndingNeeds, held: Held): Promise<void>

  /** Something waits in Redis. */
  protected abstract onWaiting(): void

  /** What is known of a session counts no longer. */
  protected onLogged(_key: string): void {}

  get era(): number {
    return this.options.told.era
  }

  /** The names of its keys. */
  async keys(): Promise<EndingKeys> {
    this.#keys ??= endingKeys(this.options.prefix, await this.options.ledger.id())
    return this.#keys
  }

  async end(key: string): Promise<string | null> {
    const { redis, prefix, reader, told } = this.options
    const { channel } = await this.keys()
    const log = async (key: string, text: string) => {
      const ending = endingOf(key, text, reader)
      if (!ending) return false
      await this.#log(key, ending)
      // Before, it is not known to be over: whoever is told that it failed tries again.
      told.tell({ ended: [key] })
      return true
    }
    return endLogged({ redis, prefix, channel, log }, key)
  }

  log(key: string, text: string): Promise<void> {
    return this.#log(key, endingBelow(key, text, this.options.reader))
  }

  logHandover(key: string, from: string, to: string): Promise<void> {
    return this.#log(key, handoverOf(key, { from, to }, this.options.reader))
  }

  async endAllOf(owner: string, keep?: string): Promise<number | undefined> {
    const kept = keep === undefined ? undefined : await this.#claimUnder(keep)
    try {
      return await this.#endAllOf(owner, kept)
    } catch {
      // Whether or not it was done: doing it again is safe.
      const { longestLife } = this.options
      await this.hold({ ...this.options, keys: await this.keys() }, heldEnding(owner, { kept, longestLife }))
      this.onWaiting()
      return everyEpoch
    }
  }

  /** undefined: it is gone. */
  async #claimUnder(key: string): Promise<Claim | undefined> {
    const { redis, prefix, reader } = this.options
    const text = await inRedis(() => redis.get(prefix + key))
    return text === null ? undefined : reader.claimOf(key, text)
  }

  async #endAllOf(owner: string, kept: Claim | undefined): Promise<number | undefined> {
    const { ledger, longestLife } = this.options
    const name = isOfName(owner) ? owner.slice('name:'.length) : undefined
    const epoch = name === undefined ? await ledger.endAccount(owner, kept) : undefined
    const until = Date.now() + longestLife
    if (name !== undefined) {
      const keep = kept && !(await ledger.judge(kept)).isOver ? kept.key : undefined
      await ledger.log({ kind: 'name', owner, keep, nonce: newNonce(), until })
    }
    await this.follow()
    return name === undefined ? epoch : ledger.epochOfName(name)
  }

  async endEverything(): Promise<boolean> {
    const { ledger, longestLife } = this.options
    await this.follow()
    const epoch = this.era + 1
    await ledger.log({ kind: 'era', epoch, nonce: newNonce(), until: Date.now() + longestLife })
    await this.follow()
    return true
  }

  /** For programs without the ledger. */
  protected async keepClaim(): Promise<void> {
    await this.#claim.keep(await this.options.ledger.id())
  }

  /** See installation.ts. */
  async otherInstallation(): Promise<string | undefined> {
    const { redis, prefix, ledger } = this.options
    return otherInstallation(redis, prefix, await ledger.id())
  }

  /** While the database is away the row waits in Redis. */
  async #log(key: string, ending: NewEnding | undefined): Promise<void> {
    const { redis, ledger } = this.options
    const { outbox } = await this.keys()
    this.onLogged(key)
    if (!ending) return
    await ledger.log(ending).catch(async () => {
      await inRedis(() => redis.rpush(outbox, JSON.stringify(ending)))
      this.onWaiting()
    })
  }
}
