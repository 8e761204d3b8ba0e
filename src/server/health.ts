import { withPatience } from '../primitives/patience.ts'

const limitMilliseconds = 1000

/** What the service cannot work without: its name in a sentence, and a question it has to answer. */
export interface Dependency {
  /** Such as "The session store". */
  readonly name: string
  /** Rejects when the part cannot answer. */
  readonly ping: () => Promise<unknown>
}

export type DependencyHealth = (
  | { readonly answers: true; readonly sentence: string }
  /** `cause` is for the log: it may name addresses, the sentence never does. */
  | { readonly answers: false; readonly sentence: string; readonly cause: unknown }
) & { readonly milliseconds: number }

/** Asks a part, and waits up to a second for the answer. Never rejects. */
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
