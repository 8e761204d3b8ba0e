import { globSync } from 'node:fs'
import { join } from 'node:path'

/** The test files that share a process, as seen from this folder. All others have one each: .taprc. */
export const groups = {
  accounts: ['accounts/*.test.ts', 'audit/*.test.ts'],
  cli: ['cli.test.ts', 'cli/*.test.ts'],
  express: ['express/*.test.ts'],
  plugins: ['plugins/**/*.test.ts'],
  'small-ones': ['{examples,gate,look,metrics,texts}/*.test.ts', '!(app|cli|container|package|seed).test.ts'],
  routes: ['routes/**/*.test.ts'],
  sessions: ['sessions/*.test.ts'],
  storage: ['database/*.test.ts', 'throttle/*.test.ts']
} as const

/**
 * Runs the files of a group one after another: loading tap and the service takes longer than most of them run.
 * Each runs by itself too.
 */
export async function together(group: keyof typeof groups): Promise<void> {
  for (const file of filesOf(groups[group])) await import(join(import.meta.dirname, file))
}

/** @param patterns as seen from this folder */
export function filesOf(patterns: readonly string[]): string[] {
  return globSync([...patterns], { cwd: import.meta.dirname }).sort()
}
