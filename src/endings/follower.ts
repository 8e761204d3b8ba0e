import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisClient } from '../redis/client.ts'
import { runScript } from '../redis/script.ts'
import type { HeldEnding, LoggedEnding } from './ending.ts'
import { inRedis } from './in-redis.ts'
import { floorKeyOf } from './judge.ts'
import type { Ledger } from './ledger.ts'
import { drainOutbox } from './outbox.ts'
import type { EndingKeys } from './redis-keys.ts'
import { applyRows, releaseAll } from './redis-scripts.ts'
import type { FloorRow, Told } from './told.ts'

const batchSize = 1000
/** For so long whoever has logged what it is about to write is waited for. */
const underWayMilliseconds = 1000
const askAgainMilliseconds = 5
/** No cookie lasts longer in a browser. */
const foreverMilliseconds = 400 * 24 * 60 * 60 * 1000

/** Up to which row of the ledger a Redis was followed. */
export interface Mark {
  readonly n: number
  readonly nonce: string
  readonly era: number
}

export interface FollowerOptions {
  readonly redis: RedisClient
  readonly ledger: Ledger
  readonly keys: EndingKeys
  /** In front of sessions. */
  readonly prefix: string
  /** How long a session may live at most, in milliseconds. */
  readonly longestLife: number
  /** What this process finds in the ledger, before Redis knows it. */
  readonly told: Told
}

/**
 * Applies in Redis what the ledger says has ended, one row after the other, and moves the mark: whoever does
 * it, and however often. Both methods throw StorageError.
 */
export class Follower {
  readonly #options: FollowerOptions
  /** Whether rows are known that Redis may lack. */
  hasUnapplied = false

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  /**
   * Until there are no more rows. While Redis applies some, the next ones are read.
   * @returns the mark that Redis has then, or had a moment ago
   */
  async follow(): Promise<Mark> {
    let mark = await this.#mark()
    let rows = await this.#after(mark)
    for (;;) {
      if (rows === undefined) await this.#beginEra(mark)
      else if (rows.length === 0) return mark
      else {
        const next = nextMark(mark, rows)
        const applying = this.#applyReady(mark, rows)
        const reading = rows.length < batchSize ? Promise.resolve([]) : this.#after(next)
        // Thrown below, once it is known whether these rows were applied.
        reading.catch(() => {})
        const areApplied = (await applying)?.n === next.n
        mark = next
        rows = await reading
        if (areApplied) continue
      }
      // Somebody else followed or is writing, or an era has begun.
      mark = await this.#mark()
      rows = await this.#after(mark)
    }
  }

  /** Writes down what was ended while the database was away. */
  drainOutbox(): Promise<void> {
    const { keys } = this.#options
    return drainOutbox({ ...this.#options, outbox: keys.outbox }, (held) => this.#release(held))
  }

  /** Once the floors are where the database has them. */
  async #release(held: readonly HeldEnding[]): Promise<void> {
    const { redis, keys } = this.#options
    await this.follow()
    for (const { owner, nonce } of held) {
      const step = { keys: [keys.floor + floorKeyOf(owner)], args: [nonce] }
      await inRedis(() => runScript(redis, releaseAll, step))
    }
  }

  /**
   * The ledger has gone back in time: what it has lost is not known, so all sessions are over. In the new era
   * it is followed from its beginning, because epochs have gone back with it.
   */
  async #beginEra(lost: Mark): Promise<void> {
    const epoch = lost.era + 1
    const until = Date.now() + foreverMilliseconds
    // Whoever notices it too logs the same row.
    await this.#options.ledger.log({ kind: 'era', epoch, nonce: `after ${lost.n} ${lost.nonce}`, until })
    await this.#apply(lost, { n: 0, nonce: '', era: epoch }, [])
  }

  #after(mark: Mark): ReturnType<Ledger['after']> {
    return this.#options.ledger.after(mark, batchSize)
  }

  async #mark(): Promise<Mark> {
    const { redis, keys } = this.#options
    const [n, nonce, era] = await inRedis(() => redis.hmget(keys.mark, 'n', 'nonce', 'era'))
    if ([n, era].every(isNumber)) return { n: Number(n ?? 0), nonce: nonce ?? '', era: Number(era ?? 0) }
    // No follower has written that.
    await inRedis(() => redis.del(keys.mark))
    return { n: 0, nonce: '', era: 0 }
  }

  /** Up to the first row that is under way. @returns the new mark; undefined: none were, or somebody else did */
  async #applyReady(mark: Mark, rows: readonly LoggedEnding[]): Promise<Mark | undefined> {
    const next = nextMark(mark, rows)
    const answer = await this.#apply(mark, next, rows)
    if (answer >= 0) return answer === 1 ? next : undefined
    const ready = rows.filter(({ n }) => n < -answer)
    if (ready.length > 0) return this.#applyReady(mark, ready)
    await sleep(askAgainMilliseconds)
    return undefined
  }

  /** @returns what the script does */
  async #apply(from: Mark, to: Mark, rows: readonly LoggedEnding[]): Promise<number> {
    const { redis, keys, prefix, longestLife, told } = this.#options
    const { ended, generations, floors } = inParts(rows)
    this.hasUnapplied = true
    told.tell({ ended, floors, era: to.era })
    const args = [
      ...[from.n, from.nonce, from.era, to.n, to.nonce, to.era, prefix, keys.floor, longestLife],
      ...[keys.channel, JSON.stringify(ended), JSON.stringify(generations), JSON.stringify(floors)]
    ]
    try {
      const applied = Number(await inRedis(() => runScript(redis, applyRows, { keys: [keys.mark], args })))
      this.hasUnapplied = applied < 0
      return applied
    } finally {
      // Also when the answer was lost.
      told.tellDeleted([...ended, ...generations.map(([key]) => key)])
    }
  }
}

function isNumber(text: string | null | undefined): boolean {
  return text == null || /^\d{1,15}$/.test(text)
}

function nextMark({ era }: Mark, rows: readonly LoggedEnding[]): Mark {
  const { n, nonce } = rows.at(-1) as LoggedEnding
  return { n, nonce, era: Math.max(era, ...rows.map((row) => (row.kind === 'era' ? row.epoch : 0))) }
}

/** What the script does with them. The number of a row is the epoch of names. No session is below epoch 0. */
export function inParts(rows: readonly LoggedEnding[]) {
  const ended: string[] = []
  const generations: [key: string, gen: number, underWay: number][] = []
  const floors: FloorRow[] = []
  for (const row of rows) {
    if (row.kind === 'session') {
      if (row.gen === undefined) ended.push(row.key)
      else generations.push([row.key, row.gen, isUnderWay(row) ? row.n : 0])
    } else if (row.kind === 'facts') floors.push(floorOf(row.owner, 0, undefined))
    else if (row.kind === 'name') floors.push(floorOf(row.owner, row.n, row.keep))
    else if (row.kind === 'account') {
      const { owner, epoch, keep, label, n } = row
      floors.push(label === undefined ? floorOf(owner, epoch, keep) : [owner, epoch, keep ?? '', label, n])
      floors.push(floorOf(`name:${row.name}`, n, keep))
    }
  }
  return { ended, generations, floors }
}

/** Its session may be about to pass to somebody else: it is not deleted under whoever writes it. */
function isUnderWay({ ago = underWayMilliseconds }: Pick<LoggedEnding, 'ago'>): boolean {
  return Math.abs(ago) < underWayMilliseconds
}

function floorOf(owner: string, epoch: number, keep: string | undefined): FloorRow {
  return keep === undefined ? [owner, epoch] : [owner, epoch, keep]
}
