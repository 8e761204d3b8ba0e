import type { LoggedEnding } from './ending.ts'
import { inParts, type Mark } from './follower.ts'
import type { Ledger, Position } from './ledger.ts'
import type { FloorRow, Told } from './told.ts'

const lookEveryMilliseconds = 250
const trustMilliseconds = 1000
const batchSize = 1000
/** No cookie lasts longer in a browser. */
const foreverMilliseconds = 400 * 24 * 60 * 60 * 1000

export interface LedgerWitnessOptions {
  readonly ledger: Ledger
  readonly told: Told
  /** A monotonic clock. */
  readonly now?: (() => number) | undefined
  /** Where any process was last, if that is known: a ledger without this row has gone back. */
  readonly mark: () => Promise<Mark | undefined>
  readonly moveMark: (mark: Mark) => Promise<void>
}

/** Session of these keys have ended, or are over below a generation; undefined: any may be. */
export type EndedListener = (keys: readonly string[] | undefined) => void

/**
 * Looks for new endings in the ledger itself, four times a second: one indexed query, however many there are. What
 * was not over a moment ago is not over while the last look is younger than a second and has not told so.
 */
export class LedgerWitness {
  readonly #options: LedgerWitnessOptions
  readonly #now: () => number
  readonly #listeners: EndedListener[] = []
  #timer: NodeJS.Timeout | undefined
  #position: Position | undefined
  #lookedAt = Number.NEGATIVE_INFINITY
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined
  #recent: { readonly at: number; readonly floors: readonly FloorRow[] }[] = []
  /** Another one after each row. */
  version = 0

  constructor(options: LedgerWitnessOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  listen(listener: EndedListener): void {
    this.#listeners.push(listener)
  }

  start(): void {
    this.#timer = setInterval(
      () => this.#running || this.look().catch(() => {}),
      lookEveryMilliseconds
    ).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  isCurrent(): boolean {
    return this.#now() - this.#lookedAt < trustMilliseconds
  }

  /** What was found in the last second: others may not have looked yet. */
  get recentFloors(): readonly FloorRow[] {
    return this.#recent.flatMap(({ floors }) => floors)
  }

  /** Everything that was logged before is known when it resolves. Throws StorageError. */
  look(): Promise<void> {
    this.#next ??= this.#lookAfter(this.#running)
    return this.#next
  }

  async #lookAfter(before: Promise<void> | undefined): Promise<void> {
    await before?.catch(() => {})
    this.#running = this.#next
    this.#next = undefined
    try {
      await this.#look()
    } finally {
      this.#running = undefined
    }
  }

  async #look(): Promise<void> {
    const { ledger, told, moveMark } = this.#options
    const askedAt = this.#now()
    const before = this.#position
    this.#recent = this.#recent.filter(({ at }) => askedAt - at < trustMilliseconds)
    let position = before ?? (await this.#begin())
    for (let isMore = true; isMore; ) {
      const rows = await ledger.after(position, batchSize)
      if (rows === undefined) position = await this.#beginEra({ ...position, era: told.era })
      else {
        position = rows.at(-1) ?? position
        this.#tell(rows)
      }
      this.#position = position
      isMore = rows?.length === batchSize
    }
    this.#lookedAt = askedAt
    if (position !== before) await moveMark({ n: position.n, nonce: position.nonce, era: told.era })
  }

  async #begin(): Promise<Position> {
    const { ledger, told, mark } = this.#options
    const last = await mark()
    const isLost = last !== undefined && (await ledger.after(last, 1)) === undefined
    if (isLost) return this.#beginEra(last)
    const { era, ...position } = await ledger.last()
    told.tell({ era })
    return position
  }

  /** The ledger has gone back in time: what it has lost is not known, so all sessions are over. */
  async #beginEra(lost: Mark): Promise<Position> {
    const { ledger, told } = this.#options
    // Otherwise another process has noticed it before.
    if ((await ledger.last()).era <= lost.era) {
      const until = Date.now() + foreverMilliseconds
      await ledger.log({ kind: 'era', epoch: lost.era + 1, nonce: `after ${lost.n} ${lost.nonce}`, until })
    }
    const { era, ...position } = await ledger.last()
    told.tell({ era })
    this.#notify(undefined)
    return position
  }

  #tell(rows: readonly LoggedEnding[]): void {
    if (rows.length === 0) return
    const { ended, generations, floors } = inParts(rows)
    const eras = rows.map((row) => (row.kind === 'era' ? row.epoch : 0))
    const { told } = this.#options
    told.tell({ ended, floors, era: Math.max(told.era, ...eras) })
    if (floors.length > 0) this.#recent.push({ at: this.#now(), floors })
    this.#notify([...ended, ...generations.map(([key]) => key)])
  }

  #notify(keys: readonly string[] | undefined): void {
    this.version += 1
    for (const listener of this.#listeners) listener(keys)
  }
}
