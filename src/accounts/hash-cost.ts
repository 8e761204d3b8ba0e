import { availableParallelism } from 'node:os'

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
