import type { CommandContext } from './stores.ts'

export type { CommandContext } from './stores.ts'

/** What a command changes: its owner is told that it was the command. */
export const byCommand = { circumstances: { by: { kind: 'command' } } } as const

/**
 * Opens the stores for a command, and closes them afterwards. What opens them is loaded here: help and wrong usage
 * need none of it.
 */
export async function withContext(work: (context: CommandContext) => Promise<void>): Promise<void> {
  const { withStores } = await import('./stores.ts')
  await withStores(work)
}
