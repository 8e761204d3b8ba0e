import type { Cluster, Redis } from 'ioredis'

const askEveryMilliseconds = 250
/** How long a master is believed after most masters were last asked whether it still has its slots. */
const trustMilliseconds = 1000
/** How long after most masters agreed a view of fewer slots is not that of the Cluster. */
const coverageMilliseconds = 10_000

export interface ClusterMajorityOptions {
  /** A monotonic clock. */
  readonly now?: () => number
  /** Slots have another master, or may have had one: nothing that was read before may be believed. */
  readonly onChange: () => void
}

/** In CLUSTER SLOTS: the first and last slot, and the master's host, port and id. */
type SlotRange = readonly [from: number, to: number, master: readonly [string, number, string]]

/**
 * Asks the masters of a Cluster which of them has which slots. A master that was cut off and replaced goes on
 * answering; what it says is believed only while most masters agree with where this process reads.
 */
export class ClusterMajority {
  readonly #cluster: Cluster
  readonly #now: () => number
  readonly #onChange: () => void
  #timer: NodeJS.Timeout | undefined
  #isAsking = false
  #agreed: string | undefined
  /** How many slots had a master, and until when that counts. */
  #covered = { slots: 0, until: Number.NEGATIVE_INFINITY }
  /** When the last question was sent that most agreed on. */
  #agreedAt = Number.NEGATIVE_INFINITY

  constructor(cluster: Cluster, { now = () => performance.now(), onChange }: ClusterMajorityOptions) {
    this.#cluster = cluster
    this.#now = now
    this.#onChange = onChange
  }

  start(): void {
    this.#timer = setInterval(() => this.#isAsking || this.ask(), askEveryMilliseconds).unref()
    this.ask()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  isCurrent(): boolean {
    return this.#now() - this.#agreedAt < trustMilliseconds
  }

  /** Never rejects. */
  async ask(): Promise<void> {
    this.#isAsking = true
    const askedAt = this.#now()
    const answers = await Promise.all(this.#cluster.nodes('master').map(slotsAsSeenBy))
    this.#isAsking = false
    const ranges = agreedOn(answers)
    if (!ranges) return
    if (this.#isOfOneLeftAlone(ranges)) {
      this.#agreedAt = Number.NEGATIVE_INFINITY
      this.#cluster.disconnect(true)
      return
    }
    const agreed = JSON.stringify(ranges)
    if (agreed !== this.#agreed || !this.isCurrent()) this.#onChange()
    this.#agreed = agreed
    if (this.#readsFrom(ranges)) this.#agreedAt = askedAt
    else {
      this.#agreedAt = Number.NEGATIVE_INFINITY
      this.#cluster.refreshSlotsCache()
    }
  }

  /**
   * A master that knows no other names only its own slots, and agrees with itself. ioredis takes over what one node says, and
   * asks none but the nodes that it named: only its first addresses lead to the others.
   */
  #isOfOneLeftAlone(ranges: readonly SlotRange[]): boolean {
    const now = this.#now()
    const slots = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)
    if (slots < this.#covered.slots && now < this.#covered.until) return true
    this.#covered = { slots, until: now + coverageMilliseconds }
    return false
  }

  /** Whether this process reads each slot from this master. */
  #readsFrom(ranges: readonly SlotRange[]): boolean {
    const { slots } = this.#cluster
    return ranges.every(([from, to, [host, port]]) => {
      const master = `${host}:${port}`
      for (let slot = from; slot <= to; slot += 1) if (slots[slot]?.[0] !== master) return false
      return true
    })
  }
}

/** @returns undefined: it does not answer */
async function slotsAsSeenBy(node: Redis): Promise<readonly SlotRange[] | undefined> {
  try {
    const ranges = (await node.cluster('SLOTS')) as unknown as SlotRange[]
    const owners = ranges.map(([from, to, [host, port, id]]) => [from, to, [host, port, id]] as const)
    return owners.sort(([one], [other]) => one - other)
  } catch {
    return undefined
  }
}

/** What more than half of the masters that were asked say, and more than half of those that it names. */
function agreedOn(answers: readonly (readonly SlotRange[] | undefined)[]): readonly SlotRange[] | undefined {
  const texts = answers.map((ranges) => JSON.stringify(ranges))
  return answers.find((ranges) => {
    if (!ranges) return false
    const text = JSON.stringify(ranges)
    const named = new Set(ranges.map(([, , [, , id]]) => id)).size
    return texts.filter((other) => other === text).length > Math.max(named, answers.length) / 2
  })
}
