import { StorageError } from '../errors/errors.ts'
import { otherCostsNote } from '../settings/boot-warnings.ts'

interface Log {
  info(message: string): void
}

/**
 * Learns the costs of stored hashes when the accounts answer for the first time: until then nobody can sign in. Calls
 * while it is under way wait for the same answer.
 */
export function learnOnce({ log }: { readonly log: Log }, learn: () => Promise<readonly string[]>) {
  let learning: Promise<void> | undefined
  const attempt = async () => {
    try {
      const otherCosts = await learn()
      if (otherCosts.length > 0) log.info(otherCostsNote(otherCosts))
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      // Down, which is logged already; asked again when it is back.
      learning = undefined
    }
  }
  return {
    learn(): Promise<void> {
      learning ??= attempt()
      return learning
    },
    /** Asks nothing that is not asked already. */
    settled: async () => learning
  }
}
