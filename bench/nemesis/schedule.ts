import type { FaultKind } from './history.ts'
import { Random } from './random.ts'

export type Store = 'embedded' | 'redis' | 'sentinel' | 'cluster'

/** Names of faults, with the kinds of AUTHORITY that they are. */
export const faultKinds = {
  'a process is killed': 'PC',
  'a process is stopped': 'PC',
  'a clock steps': 'CK',
  'Redis is killed': 'RA',
  'Redis is stopped': 'RA',
  'Redis is cut off': 'RA',
  'some are cut off from Redis': 'RP',
  'Redis is slow': 'S',
  'Redis is rolled back': 'RL',
  'Redis is flushed': 'RL',
  'Redis follows an older one': 'RL',
  'a lagging replica is promoted': 'RL',
  'a replica is promoted': 'RL',
  'PostgreSQL is killed': 'DA',
  'PostgreSQL is stopped': 'DA',
  'PostgreSQL is cut off': 'DA',
  'some are cut off from PostgreSQL': 'DP',
  'PostgreSQL is slow': 'S',
  'PostgreSQL is slow for some': 'S',
  'the database is locked': 'DA'
} as const satisfies Record<string, FaultKind>

export type FaultName = keyof typeof faultKinds

/** A fault to come. */
export interface Planned {
  readonly name: FaultName
  /** Milliseconds after the one before it is over. */
  readonly after: number
  /** Milliseconds that it lasts. */
  readonly lasts: number
  /** The seed of everything else about it: whom it strikes, and how. */
  readonly seed: number
}

/** Faults of stores come one at a time; those of processes and clocks beside them. */
export interface Schedule {
  readonly stores: readonly Planned[]
  readonly processes: readonly Planned[]
}

const ofProcesses: readonly FaultName[] = ['a process is killed', 'a process is stopped', 'a clock steps']
const ofRedis: readonly FaultName[] = [
  'Redis is killed',
  'Redis is stopped',
  'Redis is cut off',
  'some are cut off from Redis',
  'Redis is slow',
  'Redis is rolled back',
  'Redis is flushed'
]
const ofPostgres: readonly FaultName[] = [
  'PostgreSQL is killed',
  'PostgreSQL is stopped',
  'PostgreSQL is cut off',
  'some are cut off from PostgreSQL',
  'PostgreSQL is slow',
  'PostgreSQL is slow for some'
]
const ofPromotion: readonly FaultName[] = ['a lagging replica is promoted', 'a replica is promoted']

export const faultsOf: Readonly<Record<Store, readonly FaultName[]>> = {
  embedded: ['the database is locked'],
  redis: [...ofRedis, 'Redis follows an older one', ...ofPostgres],
  sentinel: [...ofRedis, ...ofPromotion, ...ofPostgres],
  cluster: [...ofRedis, ...ofPromotion, ...ofPostgres]
}

export interface ScheduleOptions {
  readonly store: Store
  readonly milliseconds: number
  readonly hasFaketime: boolean
  /** Faults to leave out, or to have alone. */
  readonly only?: readonly string[] | undefined
}

/** The same seed has the same schedule. All names come once before one comes again. */
export function scheduleOf(
  seed: number,
  { store, milliseconds, hasFaketime, only }: ScheduleOptions
): Schedule {
  const random = new Random(seed)
  const isWanted = (name: FaultName) => only === undefined || only.includes(name)
  const strikes = ofProcesses.filter((name) => hasFaketime || name !== 'a clock steps')
  return {
    stores: plan(random.fork(), faultsOf[store].filter(isWanted), milliseconds),
    processes: plan(random.fork(), strikes.filter(isWanted), milliseconds)
  }
}

function plan(random: Random, names: readonly FaultName[], milliseconds: number): Planned[] {
  const planned: Planned[] = []
  let waiting: FaultName[] = []
  for (let time = 0; names.length > 0 && time < milliseconds; ) {
    if (waiting.length === 0) waiting = random.shuffled(names)
    const next = {
      name: waiting.shift() as FaultName,
      after: random.between(300, 2500),
      lasts: random.between(300, 3000),
      seed: random.between(0, 2 ** 31)
    }
    planned.push(next)
    time += next.after + next.lasts
  }
  return planned
}
