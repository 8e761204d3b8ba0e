import { withPatience } from '../primitives/patience.ts'

const limitMilliseconds = 1000

/** A store that the service needs: its name for a sentence, and a check. */
export interface Dependency {
  /** For example "The session store". */
  readonly name: string
  /** Rejects if it cannot answer. */
  readonly ping: () => Promise<unknown>
}

export type DependencyHealth = (
  | { readonly answers: true; readonly sentence: string }
  /** `cause` is for the log and may contain addresses; `sentence` never does. */
  | { readonly answers: false; readonly sentence: string; readonly cause: unknown }
) & { readonly milliseconds: number }

/** Checks one dependency, for up to a second. Never rejects. */
export async function checkHealth({ name, ping }: Dependency): Promise<DependencyHealth> {
  const startedAt = performance.now()
  const time = () => ({ milliseconds: Math.round(performance.now() - startedAt) })
  try {
    await withPatience(limitMilliseconds, ping(), () => new Timeout())
    return { answers: true, sentence: `${name} answers.`, ...time() }
  } catch (cause) {
    const why = cause instanceof Timeout ? 'did not answer within a second' : 'does not answer'
    return { answers: false, sentence: `${name} ${why}.`, cause, ...time() }
  }
}

class Timeout extends Error {}
