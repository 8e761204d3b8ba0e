import { availableParallelism } from 'node:os'

const maxMemoryKiB = 1024 * 1024
const maxPasses = 99
const maxLanes = 99

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
  if (isStrong && cost.memoryKiB <= maxMemoryKiB) return cost
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

/** The beginning of a PHC string of argon2, with its cost in any order. */
const cost = /^\$(argon2(?:id|i|d))\$(?:v=(16|19)\$)?((?:[mtp]=\d{1,7},){2}[mtp]=\d{1,7})(?=[,$])/
/** Its end: perhaps further parameters, then salt and hash of lengths that argon2 takes at no further cost. */
const end = /^(,(?:keyid|data)=[\w+/]{1,64})*\$[\w+/]{11,86}\$[\w+/]{16,86}$/

/** All that decides how much work a hash is, as the beginning of a PHC string in argon2's own order. */
export function workOf({ memoryKiB, passes, lanes }: HashCost, kind = 'argon2id', version = '19'): string {
  return `$${kind}$v=${version}$m=${memoryKiB},p=${lanes},t=${passes}`
}

/**
 * @param hash a PHC string
 * @returns what workOf gives for its cost; undefined when it is no hash of argon2, or dearer than PASSWORD_HASH can
 * be: then no password is right
 */
export function workIn(hash: string): string | undefined {
  // Without a version it is argon2's first, 1.0.
  const [written = '', kind, version = '16', words = ''] = cost.exec(hash) ?? []
  const {
    m = 0,
    t = 0,
    p = 0
  } = Object.fromEntries(words.split(',').map((word) => [word.charAt(0), Number(word.slice(2))]))
  if (!end.test(hash.slice(written.length))) return undefined
  const isPossible = m >= 8 * p && t >= 1 && p >= 1 && m <= maxMemoryKiB && t <= maxPasses && p <= maxLanes
  return isPossible ? workOf({ memoryKiB: m, passes: t, lanes: p }, kind, version) : undefined
}

/** @returns the beginning of a hash up to its cost, as it is written; undefined when it has none */
export function writtenCost(hash: string): string | undefined {
  return cost.exec(hash)?.[0]
}
