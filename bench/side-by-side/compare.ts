import type { Redis } from 'ioredis'
import { type Load, type Measured, measure, median } from './measure.ts'
import { commandsSoFar } from './redis-process.ts'
import type { ServerProcess } from './server-process.ts'

/** A page of a server, and the cookies of its visitors. */
export interface Subject {
  readonly label: string
  readonly server: ServerProcess
  readonly path: string
  readonly cookies: readonly string[]
  readonly expected: string
}

export interface Pace {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
}

export interface Row {
  readonly label: string
  readonly cpu: readonly number[]
  /** The first row's cost divided by this row's, for each round: 1 is as cheap, 0.5 costs twice as much. */
  readonly shares: readonly number[]
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly commands: number
}

interface Counted extends Measured {
  readonly commands: number
}

/** Every subject runs in every round, so that other load on the machine affects all alike. */
export async function compare(redis: Redis, subjects: readonly Subject[], pace: Pace): Promise<Row[]> {
  const measured = subjects.map((): Counted[] => [])
  for (const { server, ...load } of subjects) await measure(server, { ...load, ...pace, seconds: 2 })
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const [index, { server, ...load }] of subjects.entries()) {
      measured[index]?.push(await counted(redis, server, { ...load, ...pace }))
    }
  }
  return subjects.map(({ label }, index) => toRow(label, measured[index] ?? [], measured[0] ?? []))
}

async function counted(redis: Redis, server: ServerProcess, load: Load): Promise<Counted> {
  const before = await commandsSoFar(redis)
  const measured = await measure(server, load)
  return { ...measured, commands: ((await commandsSoFar(redis)) - before) / measured.requests }
}

function toRow(label: string, measured: readonly Counted[], limit: readonly Counted[]): Row {
  const middle = (what: 'perSecond' | 'p50' | 'p99' | 'commands') => median(measured.map((one) => one[what]))
  return {
    label,
    cpu: measured.map(({ cpu }) => cpu),
    shares: measured.map(({ cpu }, round) => (limit[round]?.cpu ?? Number.NaN) / cpu),
    perSecond: middle('perSecond'),
    p50: middle('p50'),
    p99: middle('p99'),
    commands: middle('commands')
  }
}

/** How many times cheaper one is than another: the median of the rounds. */
export function timesCheaper(rows: readonly Row[], one: string, other: string): number {
  const cheap = rows.find(({ label }) => label === one)?.cpu ?? []
  const dear = rows.find(({ label }) => label === other)?.cpu ?? []
  return median(cheap.map((cpu, round) => (dear[round] ?? Number.NaN) / cpu))
}

export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ label, cpu, shares, perSecond, p50, p99, commands }) => {
    const spread = `${Math.min(...cpu).toFixed(1)}–${Math.max(...cpu).toFixed(1)}`
    const times = `${p50.toFixed(1)} / ${p99.toFixed(1)}`
    const share = `**${median(shares).toFixed(2)}**`
    return `| ${label} | ${share} | ${median(cpu).toFixed(1)} (${spread}) | ${Math.round(perSecond)} | ${times} | ${commands.toFixed(2)} |`
  })
  return [
    '| | share | CPU µs a request (spread) | requests/s | p50 / p99 ms | Redis commands |',
    '|---|---|---|---|---|---|',
    ...lines
  ].join('\n')
}
