import type { RedisClient } from '../redis/client.ts'
import { newNonce } from './ending.ts'
import { inRedis } from './in-redis.ts'
import { isOfName } from './judge.ts'
import { endingOf, handoverOf } from './logged-endings.ts'
import type { RedisEndingsOptions } from './redis-endings.ts'
import type { ReadSession, StoreEndings } from './store-endings.ts'

/**
 * Endings of sessions on a Redis Cluster. No mark speaks for more than one master, and a master that was replaced
 * still answers: so each read asks the database too, in one query for all of a turn.
 */
export class ClusterEndings implements StoreEndings {
  readonly #redis: RedisClient
  readonly #options: Omit<RedisEndingsOptions, 'told'>
  readonly era = 0

  constructor(options: Omit<RedisEndingsOptions, 'told'>) {
    this.#redis = options.redis
    this.#options = options
  }

  async read(key: string): Promise<ReadSession | undefined> {
    const { prefix, reader, ledger } = this.#options
    const [text, expiresAt] = await inRedis(() =>
      Promise.all([this.#redis.get(prefix + key), this.#redis.pexpiretime(prefix + key)])
    )
    if (text === null) return undefined
    const claim = reader.claimOf(key, text)
    const isOver = claim.owner !== undefined && (await ledger.isOver(claim))
    return isOver ? undefined : { text, expiresAt }
  }

  async end(key: string): Promise<string | null> {
    const text = await inRedis(() => this.#redis.getdel(this.#options.prefix + key))
    if (text !== null) await this.log(key, text)
    return text
  }

  async log(key: string, text: string): Promise<void> {
    const ending = endingOf(key, text, this.#options.reader)
    if (ending) await this.#options.ledger.log(ending)
  }

  async logHandover(key: string, from: string, to: string): Promise<void> {
    const ending = handoverOf(key, { from, to }, this.#options.reader)
    if (ending) await this.#options.ledger.log(ending)
  }

  async endAllOf(owner: string, keep?: string): Promise<number | undefined> {
    const { ledger, longestLife } = this.#options
    if (!isOfName(owner)) return ledger.endAccount(owner, keep)
    await ledger.log({ kind: 'name', owner, keep, nonce: newNonce(), until: Date.now() + longestLife })
    return this.epochOfName(owner)
  }

  async endEverything(): Promise<boolean> {
    return false
  }

  epochOfName(owner: string): Promise<number> {
    return this.#options.ledger.epochOfName(owner.slice('name:'.length))
  }

  async follow(): Promise<void> {}

  close(): void {}
}
