import { withPatience } from '../primitives/patience.ts'

const limitMilliseconds = 1000

/** A store that the service needs: its name for a sentence, and two checks that reject if they fail. */
export interface Dependency {
  /** For example "The session store". */
  readonly name: string
  /** Whether it answers. */
  readonly ping: () => Promise<unknown>
  /** Whether it takes what a sign-in writes: a replica or a full store only answers. */
  readonly checkWritable: () => Promise<unknown>
}

export type DependencyHealth = (
  | { readonly answers: true; readonly sentence: string }
  /** `cause` is for the log and may contain addresses; `sentence` never does. */
  | { readonly answers: false; readonly sentence: string; readonly cause: unknown }
) & { readonly milliseconds: number }

interface Stores {
  readonly accounts: { isEmpty(): Promise<boolean>; checkWritable(): Promise<unknown> }
  readonly sessions: Checked
  readonly throttle: Checked
}

interface Checked {
  ping(): Promise<unknown>
  checkWritable(): Promise<unknown>
}

/** @returns a check of the accounts database and the session store, in this order, of which one runs at a time */
export function storesCheck({ accounts, sessions, throttle }: Stores) {
  const accountsPart: Dependency = {
    name: 'The accounts database',
    ping: () => accounts.isEmpty(),
    checkWritable: onceASecond(() => accounts.checkWritable())
  }
  const sessionsPart: Dependency = {
    name: 'The session store',
    // Counters are in the same store, but have a connection of their own; without them nobody can sign in.
    ping: () => Promise.all([sessions.ping(), throttle.ping()]),
    checkWritable: onceASecond(() => Promise.all([sessions.checkWritable(), throttle.checkWritable()]))
  }
  return oneAtATime(() => Promise.all([checkHealth(accountsPart), checkHealth(sessionsPart)]))
}

/** Checks one dependency, for up to a second. Never rejects. */
export async function checkHealth({ name, ping, checkWritable }: Dependency): Promise<DependencyHealth> {
  const startedAt = performance.now()
  const time = () => ({ milliseconds: Math.round(performance.now() - startedAt) })
  let why = 'does not answer'
  const check = async () => {
    await ping()
    why = 'takes no writes'
    await checkWritable()
  }
  try {
    await withPatience(limitMilliseconds, check(), () => new Timeout())
    return { answers: true, sentence: `${name} answers.`, ...time() }
  } catch (cause) {
    if (cause instanceof Timeout) why = 'did not answer within a second'
    return { answers: false, sentence: `${name} ${why}.`, cause, ...time() }
  }
}

/** Makes a check of which only one runs at a time; whoever asks meanwhile gets its outcome. */
export function oneAtATime<Outcome>(check: () => Promise<Outcome>): () => Promise<Outcome> {
  let underWay: Promise<Outcome> | undefined
  return () => {
    underWay ??= check().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}

/** How long a write that succeeded counts. */
const rememberedMilliseconds = 1000

/**
 * Makes a check that, after a success, does not run for a second: a write waits for the disk, and anybody may have it
 * tried as often as they like. A failure does not count for the next time.
 * @param now a monotonic clock in milliseconds
 */
export function onceASecond(
  check: () => Promise<unknown>,
  now = () => performance.now()
): () => Promise<void> {
  let succeededAt = Number.NEGATIVE_INFINITY
  return async () => {
    const startedAt = now()
    if (startedAt - succeededAt < rememberedMilliseconds) return
    await check()
    succeededAt = startedAt
  }
}

class Timeout extends Error {}
