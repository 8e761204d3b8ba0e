import { withPatience } from '../primitives/patience.ts'

const limitMilliseconds = 1000

/** What the service cannot work without: its name in a sentence, and a question it has to answer. */
export interface Part {
  /** Such as "The session store". */
  readonly name: string
  /** Rejects when the part cannot answer. */
  readonly reach: () => Promise<unknown>
}

export type PartHealth = (
  | { readonly answers: true; readonly sentence: string }
  /** `cause` is for the log: it may name addresses, the sentence never does. */
  | { readonly answers: false; readonly sentence: string; readonly cause: unknown }
) & { readonly milliseconds: number }

/** Asks a part, and waits up to a second for the answer. Never rejects. */
export async function healthOf({ name, reach }: Part): Promise<PartHealth> {
  const startedAt = performance.now()
  const time = () => ({ milliseconds: Math.round(performance.now() - startedAt) })
  try {
    await withPatience(limitMilliseconds, reach(), () => new TooSlow())
    return { answers: true, sentence: `${name} answers.`, ...time() }
  } catch (cause) {
    const why = cause instanceof TooSlow ? 'did not answer within a second' : 'does not answer'
    return { answers: false, sentence: `${name} ${why}.`, cause, ...time() }
  }
}

class TooSlow extends Error {}
