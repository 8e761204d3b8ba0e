import { LruCache } from '../primitives/lru-cache.ts'
import { runScript } from '../redis/script.ts'
import type { Mark } from './follower.ts'
import { type Held, type HeldEndingNeeds, holdOnCluster } from './held-endings.ts'
import { inRedis } from './in-redis.ts'
import type { Claim, Verdict } from './judge.ts'
import { LedgerEndings, type LedgerEndingsOptions } from './ledger-endings.ts'
import { LedgerWitness } from './ledger-witness.ts'
import { drainOutbox } from './outbox.ts'
import { readText } from './read-text.ts'
import { moveMark } from './redis-scripts.ts'
import type { ReadSession } from './store-endings.ts'

const lookEveryMilliseconds = 250
const mostLookedAt = 1000
/** Each has about 200 bytes. */
const maxJudged = 20_000

/**
 * Endings of sessions on a Redis Cluster, where a master that was replaced still answers, and each may go back by
 * itself. So it is not asked what has ended: the database judges each session that was not read before, in one query
 * for all of a turn, and what it has judged counts until the witness tells otherwise.
 *
 * The mark is one for all masters. It says nothing of them; by it a ledger is noticed that has gone back.
 */
export class ClusterEndings extends LedgerEndings {
  readonly witness: LedgerWitness
  /** What sessions said of themselves when they were not over. */
  readonly #judged = new LruCache<string, Claim>(maxJudged)
  #timer: NodeJS.Timeout | undefined
  /** Whether nothing waits in Redis that the ledger does not say. */
  #isDrained = false
  /** How often somebody has put something there, as far as it was told. */
  #holds = 0
  #draining: Promise<void> | undefined

  constructor(options: LedgerEndingsOptions, now?: () => number) {
    super(options)
    const { ledger, told } = options
    const [mark, moveMark] = [() => this.#mark(), (to: Mark) => this.#moveMark(to)]
    this.witness = new LedgerWitness({ ledger, told, now, mark, moveMark })
    this.witness.listen((keys) => {
      if (!keys) return this.#judged.clear()
      for (const key of keys) this.#judged.delete(key)
    })
    told.listen({ onTold() {}, onForgotten: (key) => key ?? this.#distrust() })
  }

  /** From now on it looks for endings by itself, and writes down what waits in Redis. */
  start(): void {
    this.witness.start()
    this.#timer = setInterval(() => this.#lookAround().catch(() => {}), lookEveryMilliseconds).unref()
  }

  close(): void {
    this.witness.close()
    clearInterval(this.#timer)
  }

  async read(key: string): Promise<ReadSession | undefined> {
    const { redis, prefix, reader, told } = this.options
    const read = await readText(redis, prefix + key)
    if (!read) return undefined
    const claim = reader.claimOf(key, read.text)
    if (told.isOver(claim)) return undefined
    if (claim.owner === undefined) return read
    const { isOver, label } = await this.#judge(claim)
    return isOver ? undefined : { ...read, label }
  }

  epochOfName(owner: string, arrivedAt?: number): Promise<number> {
    return this.options.ledger.epochOfName(owner.slice('name:'.length), arrivedAt)
  }

  /** Other processes are told; those that are not will look within a second, or believe nothing. */
  async follow(): Promise<void> {
    const { redis, told } = this.options
    await this.witness.look()
    const message = JSON.stringify({ floors: this.witness.recentFloors, era: told.era })
    const { channel } = await this.keys()
    await redis.publish(channel, message).catch(() => {})
  }

  async #judge(claim: Claim): Promise<Verdict> {
    const { ledger, told } = this.options
    const { witness } = this
    const isKnown = this.#isDrained && witness.isCurrent() && isSame(this.#judged.get(claim.key), claim)
    if (isKnown && !told.isRenamed(claim)) return { isOver: false, label: undefined }
    await this.#drained()
    const [seen, heard] = [witness.version, told.version]
    const verdict = await ledger.judge(claim)
    const { isOver, label = claim.user } = verdict
    // A row that was told meanwhile may be younger than the answer.
    const isPresent = seen === witness.version && heard === told.version
    if (!isOver && label === claim.user && isPresent) this.#judged.set(claim.key, claim)
    return verdict
  }

  protected hold(needs: HeldEndingNeeds, held: Held): Promise<void> {
    return holdOnCluster(needs, held)
  }

  /** Nobody is let in by what waits: a session was deleted, and of all of somebody everybody is told. */
  protected onWaiting(): void {}

  protected override onLogged(key: string): void {
    this.#judged.delete(key)
  }

  /** Somebody's sessions are over, and the ledger may not say so yet. */
  #distrust(): void {
    this.#holds += 1
    this.#isDrained = false
    this.#judged.clear()
  }

  /** What waited in Redis is in the ledger when it resolves. Throws StorageError. */
  async #drained(): Promise<void> {
    while (!this.#isDrained) {
      this.#draining ??= this.#drain().finally(() => {
        this.#draining = undefined
      })
      await this.#draining
    }
  }

  async #drain(): Promise<void> {
    const holds = this.#holds
    const { outbox } = await this.keys()
    await drainOutbox({ ...this.options, outbox })
    if (holds === this.#holds) this.#isDrained = true
  }

  /** Whoever holds something says so; this is for whom it has not reached. */
  async #lookAround(): Promise<void> {
    const { redis } = this.options
    const { outbox } = await this.keys()
    const waiting = await inRedis(() => redis.lrange(outbox, 0, mostLookedAt - 1))
    if (waiting.some((text) => JSON.parse(text).kind === 'all')) this.#distrust()
    if (waiting.length > 0) this.#isDrained = false
    await this.keepClaim()
    await this.#drained()
  }

  async #mark(): Promise<Mark | undefined> {
    const { redis } = this.options
    const { mark } = await this.keys()
    const [n, nonce, era] = await inRedis(() => redis.hmget(mark, 'n', 'nonce', 'era'))
    return n ? { n: Number(n), nonce: nonce ?? '', era: Number(era ?? 0) } : undefined
  }

  async #moveMark({ n, nonce, era }: Mark): Promise<void> {
    const { redis } = this.options
    const { mark } = await this.keys()
    await inRedis(() => runScript(redis, moveMark, { keys: [mark], args: [n, nonce, era] })).catch(() => {})
  }
}

function isSame(judged: Claim | undefined, { owner, user, epoch, gen, era }: Claim): boolean {
  if (judged === undefined) return false
  if (judged.user !== user) return false
  return judged.owner === owner && judged.epoch === epoch && judged.gen === gen && judged.era === era
}
