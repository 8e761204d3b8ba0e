import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './history.ts'
import { Random } from './random.ts'
import { resynced, snapshotOf } from './redis-site.ts'
import type { LinkState, Relay } from './relay.ts'
import { type FaultName, faultKinds, type Planned } from './schedule.ts'
import type { Site } from './site.ts'

/** One fault under way. */
interface Act {
  readonly site: Site
  readonly random: Random
  /** Waits for as long as it lasts. */
  readonly last: () => Promise<unknown>
}

/** @returns the process that it strikes */
type Strike = (act: Act) => Promise<string | undefined>

/** Two hours and more, either way: less than a day. */
const maxStepSeconds = 20 * 3600

const strikes: Readonly<Record<FaultName, Strike>> = {
  'a process is killed': async ({ site, random, last }) => {
    const process = random.pick(site.processes)
    await process.kill()
    await last()
    await process.start()
    return process.name
  },
  'a process is stopped': async ({ site, random, last }) => {
    const process = random.pick(site.processes)
    process.stop()
    await last().finally(() => process.continue())
    return process.name
  },
  'a clock steps': async ({ site, random }) => {
    const process = random.pick(site.processes)
    process.setClock(random.between(-maxStepSeconds, maxStepSeconds))
    return process.name
  },
  'Redis is killed': async ({ site, random, last }) => {
    const { redis, server } = await master(site, random)
    await server.stop()
    await last()
    await redis.restart(server)
    return undefined
  },
  'Redis is stopped': async ({ site, random, last }) => {
    const { server } = await master(site, random)
    server.pause()
    await last().finally(() => server.resume())
    return undefined
  },
  'Redis is cut off': (act) => cutOff(act, act.site.redis?.links() ?? []),
  'some are cut off from Redis': async (act) => {
    const { site, random } = act
    if (site.redis?.hasOwnLinks) return cutOff(act, random.shuffled(site.redis.links()).slice(0, someOf(act)))
    for (const link of site.redis?.links() ?? []) link.deafenSome(() => random.chance(0.5))
    await act.last()
    return undefined
  },
  'Redis is slow': (act) => slowDown(act, act.site.redis?.links() ?? []),
  'Redis is rolled back': async ({ site, random, last }) => {
    const { redis, server } = await master(site, random)
    const snapshot = await snapshotOf(server)
    await last()
    await server.stop()
    await snapshot.restore()
    await redis.restart(server)
    return undefined
  },
  'Redis is flushed': async ({ site }) => {
    for (const server of (await site.redis?.masters()) ?? []) await server.ask('FLUSHALL')
    return undefined
  },
  'Redis follows an older one': async ({ site, random, last }) => {
    const { server } = await master(site, random)
    await resynced(site.scope, server, last)
    return undefined
  },
  'a lagging replica is promoted': async (act) => {
    const links = act.site.redis?.links() ?? []
    for (const link of links) link.cutOffReplicas(true)
    await act.last()
    return promote(act, () => {
      for (const link of links) link.cutOffReplicas(false)
    })
  },
  'a replica is promoted': (act) => promote(act),
  'PostgreSQL is killed': async ({ site, last }) => {
    await site.postgres?.stop()
    await last()
    await site.postgres?.start()
    return undefined
  },
  'PostgreSQL is stopped': async ({ site, last }) => {
    await site.postgres?.pause()
    await last().finally(() => site.postgres?.resume())
    return undefined
  },
  'PostgreSQL is cut off': (act) => cutOff(act, [...act.site.postgresLinks.values()]),
  'some are cut off from PostgreSQL': (act) =>
    cutOff(act, act.random.shuffled([...act.site.postgresLinks.values()]).slice(0, someOf(act))),
  'PostgreSQL is slow': (act) => slowDown(act, [...act.site.postgresLinks.values()]),
  'PostgreSQL is slow for some': (act) =>
    slowDown(act, act.random.shuffled([...act.site.postgresLinks.values()]).slice(0, someOf(act))),
  'the database is locked': async ({ site, last }) => {
    const database = new DatabaseSync(site.file ?? '')
    try {
      database.exec('PRAGMA busy_timeout = 60000; BEGIN IMMEDIATE')
      await last()
      database.exec('ROLLBACK')
    } finally {
      database.close()
    }
    return undefined
  }
}

async function master({ redis }: Site, random: Random) {
  if (!redis) throw new Error('There is no Redis here.')
  return { redis, server: random.pick(await redis.masters()) }
}

function someOf({ site, random }: Act): number {
  return random.between(1, site.processes.length - 1)
}

async function cutOff({ random, last }: Act, links: readonly Relay[]): Promise<undefined> {
  const state: LinkState = { kind: random.pick(['cut', 'deaf', 'held'] as const) }
  await during(links, state, last)
}

async function slowDown({ random, last }: Act, links: readonly Relay[]): Promise<undefined> {
  await during(links, { kind: 'slow', milliseconds: random.between(20, 300) }, last)
}

async function during(links: readonly Relay[], state: LinkState, last: Act['last']): Promise<void> {
  for (const link of links) link.set(state)
  await last().finally(() => {
    for (const link of links) link.set({ kind: 'whole' })
  })
}

async function promote({ site, random }: Act, between = () => {}): Promise<undefined> {
  const { redis, server } = await master(site, random)
  await server.stop()
  // Where no replica can take over, the master comes back.
  await redis.promote?.(server).catch(() => {})
  between()
  await redis.restart(server)
}

export interface Carrying {
  readonly site: Site
  readonly signal: AbortSignal
  /** Until everything is followed and connected again, in milliseconds. */
  readonly settles: number
  /** As soon as it is over. */
  readonly onStruck: () => void
  readonly onFault: (fault: Fault) => void
  readonly onPlan: (planned: Planned) => void
}

/** Lets these faults happen, one after the other, until the signal. */
export async function carryOut(plan: readonly Planned[], carrying: Carrying): Promise<void> {
  const { site, signal, settles, onStruck, onFault, onPlan } = carrying
  for (const planned of plan) {
    if (!(await unlessAborted(planned.after, signal))) return
    onPlan(planned)
    const { name, seed, lasts } = planned
    const masters = await mastersOf(site)
    const begin = performance.now()
    const last = () => unlessAborted(lasts, signal)
    const process = await strikes[name]({ site, random: new Random(seed), last })
    onStruck()
    await sleep(settles)
    const fault = { kind: faultKinds[name], name, process, begin, end: performance.now() }
    onFault(fault)
    // Sentinel may have done it by itself, and the replica may have lagged.
    const present = await mastersOf(site)
    if (present.length > 0 && masters.some((server) => !present.includes(server)))
      onFault({ ...fault, kind: 'RL', name: 'a replica took over' })
  }
}

async function mastersOf({ redis }: Site) {
  return (await redis?.masters().catch(() => [])) ?? []
}

async function unlessAborted(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal })
    return true
  } catch {
    return false
  }
}
