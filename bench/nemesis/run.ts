import { setTimeout as sleep } from 'node:timers/promises'
import { administer } from './administrator.ts'
import { check, type Promises, type Verdict } from './checker.ts'
import { Client } from './client.ts'
import { carryOut } from './faults.ts'
import { type Call, type Fault, type FaultKind, type History, isDone } from './history.ts'
import { Person } from './people.ts'
import { Random } from './random.ts'
import { type Schedule, type Store, scheduleOf } from './schedule.ts'
import { faketime } from './service-process.ts'
import { patience, startSite } from './site.ts'

export interface RunOptions {
  readonly store: Store
  readonly seed: number
  readonly milliseconds: number
  /** Of the service. */
  readonly processes: number
  readonly hasExpress: boolean
  /** Whether somebody uses the command. */
  readonly hasAdministrator: boolean
  readonly people: number
  /** Of each person; they act at the same time. */
  readonly browsers: number
  /** Whether times of answers are looked at; on a busy machine they say little. */
  readonly isTimed: boolean
  /** How long a store has after a fault to be as before, in milliseconds. */
  readonly settles: number
  /** What has to happen before the run ends: on a busy machine little does while the faults last. At most a minute is waited. */
  readonly until?: (soFar: Pick<History, 'calls' | 'faults'>) => boolean
  readonly only?: readonly string[] | undefined
  readonly plant?: string | undefined
  readonly say: (line: string) => void
}

export interface Outcome extends Verdict {
  readonly history: History
  readonly schedule: Schedule
}

const startedWithin = 1000
/** Whoever still waits then, waits in vain; what was answered is judged all the same. */
const endsWithin = 60_000

/** Lets people live while faults happen, and judges what they were answered. */
export async function run(options: RunOptions): Promise<Outcome> {
  const { store, seed, milliseconds, only, plant, say, settles, until = () => true } = options
  const random = new Random(seed)
  const schedule = scheduleOf(seed, { store, milliseconds, hasFaketime: faketime !== undefined, only })
  const faults: Fault[] = []
  const crashes: { process: string; at: number; output: string }[] = []
  const site = await startSite({
    ...{ store, plant, processes: options.processes, hasExpress: options.hasExpress },
    onCrash: (process, output) => crashes.push({ process, at: performance.now(), output })
  })
  const people = new Map<string, Person>()
  const client = new Client((call) => presentEnded(call, people))
  const { scope, processes } = site
  try {
    for (let count = 1; count <= options.people; count += 1) {
      const name = `person${count}`
      people.set(name, new Person({ name, client, processes, random: random.fork() }))
    }
    const begun = performance.now()
    const over = new AbortController()
    const living = [...people.values()].flatMap((person) =>
      Array.from({ length: options.browsers }, () => person.live(over.signal))
    )
    const administrator = { env: site.commandEnv, names: [...people.keys()], client, random: random.fork() }
    if (options.hasAdministrator) living.push(administer(administrator, over.signal))
    await sleep(startedWithin)
    const carrying = {
      ...{ site, settles, signal: AbortSignal.timeout(milliseconds) },
      onStruck: () => {
        for (const person of people.values()) person.presentLatest()
      },
      onFault: (fault: Fault) => faults.push(fault),
      onPlan: ({ name, lasts }: { name: string; lasts: number }) =>
        say(`${((performance.now() - begun) / 1000).toFixed(1)} s: ${name}, ${lasts} ms`)
    }
    await Promise.all([
      sleep(milliseconds),
      carryOut(schedule.stores, carrying),
      carryOut(schedule.processes, carrying)
    ])
    // What everybody is answered once all is well again.
    await sleep(startedWithin)
    const end = performance.now() + endsWithin
    while (!until({ calls: client.calls, faults }) && performance.now() < end) await sleep(100)
    over.abort()
    await Promise.race([Promise.all(living), sleep(endsWithin, undefined, { ref: false })])
  } finally {
    client.close()
    await scope.close()
  }
  const history = { calls: client.calls, faults, crashes }
  return { history, schedule, ...check(history, promisesFor(options)) }
}

const enders = new Set([
  ...['sign-out', 'end-one', 'end-others', 'end-all', 'end-person', 'change-password', 'remove']
])

/** As soon as an ending is acknowledged, every process is asked about what it ended. */
function presentEnded(call: Call, people: ReadonlyMap<string, Person>): void {
  if (!enders.has(call.what) || !isDone(call)) return
  const person = people.get(call.person)
  const own = call.what === 'end-one' ? call.target : call.cookie
  const [latest] =
    person?.everyCookie.filter((cookie) => cookie !== own && cookie !== call.given).slice(-1) ?? []
  for (const cookie of [own, latest]) if (cookie !== undefined) person?.presentEverywhere(cookie)
}

/** AUTHORITY's words, and twice the patience for a store that is away. */
function promisesFor({ store, isTimed }: RunOptions): Promises {
  const hasMasters = store === 'cluster' || store === 'sentinel'
  const ofStores: readonly FaultKind[] = ['RA', 'RP', 'RL']
  return {
    seenWithin: (kinds) => (hasMasters && ofStores.some((kind) => kinds.has(kind)) ? 1000 : 500),
    seenAtP99: isTimed ? 10 : undefined,
    // A second for a look, and half of one in which a dead link is not noticed.
    heardWithin: isTimed ? 1500 : undefined,
    answeredWithin: isTimed ? 10_000 : undefined,
    unavailableWithin: isTimed ? 2 * patience + 500 : undefined
  }
}
