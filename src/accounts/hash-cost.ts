import { availableParallelism } from 'node:os'

/** glibc keeps less memory than this for the next hash, and gets more of it from the system each time. In KiB. */
const kept = 32 * 1024

/** The cost of argon2id: memory in KiB, passes, lanes. */
export interface HashCost {
  readonly memoryKiB: number
  readonly passes: number
  readonly lanes: number
}

/**
 * Parses PHC notation. The minimum is OWASP's: 46 MiB for one pass, 19 MiB for two, 12 MiB for more (ASVS 5.0
 * appendix C).
 */
export function parseHashCost(value: string): HashCost {
  const [, m, t, p] = /^m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})$/.exec(value) ?? []
  const cost = { memoryKiB: Number(m), passes: Number(t), lanes: Number(p) }
  const floorMiB = cost.passes === 1 ? 46 : cost.passes === 2 ? 19 : 12
  const isStrong = cost.passes >= 1 && cost.lanes >= 1 && cost.memoryKiB >= floorMiB * 1024
  if (isStrong && cost.memoryKiB <= 1024 * 1024) return cost
  throw new Error(
    `is "${value}", it must be an argon2id cost of at least m=19456,t=2,p=1 (or m=47104,t=1,p=1 or m=12288,t=3,p=1), and at most m=1048576`
  )
}

/**
 * Leaves one core to everything else, so that nobody waits for other people's passwords, and one of Node's
 * threads, which also read files and resolve names.
 */
export function maxConcurrentHashes(threads: number, lanes = 1): number {
  return Math.max(1, Math.floor(Math.min(availableParallelism() - 1, threads - 1) / lanes))
}

/**
 * Hashes after which a check of this hash has taken as long as one of the given cost; none if it takes as long
 * anyway. bench/unknown-names.ts measures how closely.
 * @param hash a PHC string of argon2
 */
export function missingCosts(hash: string, cost: HashCost): readonly HashCost[] {
  const missing = Math.max(0, durationOf(cost) - durationOf(costIn(hash)))
  const memoryKiB = (missing / durationOf(cost)) * cost.memoryKiB
  // As similar to the hash that is replaced as can be: caches make less memory disproportionately fast.
  const similar = isFetched(cost.memoryKiB) ? { ...cost, memoryKiB: kept / 2 } : cost
  const scaled = isFetched(memoryKiB)
    ? [{ ...cost, memoryKiB }]
    : inPasses((missing * cost.lanes) / similar.memoryKiB, similar)
  // Argon2 has no less memory (RFC 9106 §3.1).
  return scaled
    .map((one) => ({ ...one, memoryKiB: Math.round(one.memoryKiB) }))
    .filter(({ passes, memoryKiB }) => passes > 0 && memoryKiB >= 8 * cost.lanes)
}

/** Whole passes over all of the memory, and one over a part of it. */
function inPasses(passes: number, cost: HashCost): readonly HashCost[] {
  const whole = Math.floor(passes + 1e-9)
  return [
    { ...cost, passes: whole },
    { ...cost, passes: 1, memoryKiB: (passes - whole) * cost.memoryKiB }
  ]
}

/** In passes over a KiB of the faster kind of memory. */
function durationOf({ memoryKiB, passes, lanes }: HashCost): number {
  // Measured with glibc on x86-64: fetching takes as long as a pass, and each pass 1.3 times as long.
  const kiB = isFetched(memoryKiB) ? 1.3 * memoryKiB * (passes + 1) : memoryKiB * passes
  return kiB / lanes
}

function isFetched(memoryKiB: number): boolean {
  return memoryKiB >= kept
}

function costIn(hash: string): HashCost {
  const parameter = (name: string) => Number(new RegExp(`[$,]${name}=(\\d+)`).exec(hash)?.[1] ?? 0)
  return { memoryKiB: parameter('m'), passes: parameter('t'), lanes: parameter('p') || 1 }
}
