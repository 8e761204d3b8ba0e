import { globSync } from 'node:fs'
import { join } from 'node:path'

/** The test files that share a process, as seen from this folder. All others have one each: .taprc. */
export const groups = {
  accounts: ['accounts/*.test.ts', 'audit/*.test.ts'],
  cli: ['cli.test.ts', 'cli/*.test.ts'],
  express: ['express/*.test.ts'],
  plugins: ['plugins/**/*.test.ts'],
  'small-ones': [
    '!(accounts|audit|cli|database|express|plugins|routes|sessions|stories|throttle|together)/*.test.ts',
    '!(app|cli|container|package|seed).test.ts'
  ],
  routes: ['routes/**/*.test.ts'],
  'stories-in-a-browser': [
    'stories/every-page-keeps-its-own-rules-in-a-browser.test.ts',
    'stories/everybody-can-use-every-page.test.ts',
    'stories/people-look-after-their-account.test.ts',
    'stories/what-the-script-adds.test.ts'
  ],
  'stories-of-one-service': [
    'stories/a-borrowed-host-name-opens-nothing.test.ts',
    'stories/a-copy-of-the-store-signs-nobody-in.test.ts',
    'stories/a-sign-in-under-way-does-not-survive.test.ts',
    'stories/a-slow-request-cannot-undo-signing-out.test.ts',
    'stories/bad-input-is-refused-and-stores-nothing.test.ts',
    'stories/guessing-passwords-locks-nobody-out.test.ts',
    'stories/nobody-else-chooses-the-session.test.ts',
    'stories/only-the-proxy-in-front-is-believed.test.ts',
    'stories/session-data-that-cannot-be-kept-loses-nothing.test.ts',
    'stories/sign-ins-survive-a-restart.test.ts',
    'stories/signing-in-leads-nowhere-else.test.ts',
    'stories/storage-away-is-an-honest-error.test.ts',
    'stories/the-cookie-is-set-and-cleared-alike.test.ts',
    'stories/visitors-who-never-sign-in-cost-nothing.test.ts'
  ],
  sessions: ['sessions/!(*-over-*).test.ts'],
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
