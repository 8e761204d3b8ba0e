import { globSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The test files that share a process, as seen from this folder. All others have one each: .taprc. They begin in the
 * order of their names, so what mostly waits comes before what computes.
 */
export const groups = {
  accounts: ['accounts/*.test.ts', 'audit/*.test.ts'],
  browser: [
    'pictures.test.ts',
    'stories/every-page-keeps-its-own-rules-in-a-browser.test.ts',
    'stories/everybody-can-use-every-page.test.ts',
    'stories/people-look-after-their-account.test.ts',
    'stories/what-the-script-adds.test.ts'
  ],
  cli: ['cli.test.ts', 'cli/*.test.ts'],
  express: ['express/**/*.test.ts'],
  'failing-storage': [
    'stories/a-database-file-that-is-taken-away-is-noticed.test.ts',
    'stories/a-disk-that-takes-no-writes-is-an-honest-error.test.ts',
    'stories/a-locked-database-holds-nobody-up.test.ts',
    'stories/a-process-that-stood-still-answers-everybody.test.ts',
    'stories/a-redis-that-became-a-replica-heals.test.ts',
    'stories/a-slow-redis-makes-no-slow-answers.test.ts',
    'stories/accounts-in-postgresql.test.ts',
    'stories/redis-goes-away-and-nobody-is-signed-out.test.ts',
    'stories/storage-away-is-an-honest-error.test.ts'
  ],
  'many-servers': [
    'sessions/stores/*-over-*.test.ts',
    'stories/a-cluster-changes-and-nobody-notices.test.ts',
    'stories/a-failover-by-sentinel-signs-nobody-out.test.ts'
  ],
  plugins: ['plugins/**/*.test.ts'],
  'real-processes': [
    'container.test.ts',
    'seed.test.ts',
    'stories/a-killed-service-leaves-nothing-half-done.test.ts',
    'stories/development-restarts-at-changes-only.test.ts',
    'stories/parallel-changes-are-all-kept.test.ts',
    'stories/what-is-running-is-answered-before-the-end.test.ts',
    'stories/what-two-processes-write-neither-reads-late.test.ts'
  ],
  routes: ['routes/**/*.test.ts'],
  sessions: ['sessions/**/!(*-over-*).test.ts'],
  'small-ones': [
    '!(accounts|audit|cli|database|express|groups|plugins|redis|routes|sessions|stories|throttle)/*.test.ts',
    '!(app|cli|container|package|pictures|seed).test.ts'
  ],
  storage: ['database/*.test.ts', 'redis/*.test.ts', 'throttle/*.test.ts'],
  'stories-of-attackers': [
    'stories/a-borrowed-host-name-opens-nothing.test.ts',
    'stories/a-copy-of-the-store-signs-nobody-in.test.ts',
    'stories/a-flood-of-sign-ins-drowns-nobody.test.ts',
    'stories/a-hundred-wrong-tries-close-an-account.test.ts',
    'stories/bad-input-is-refused-and-stores-nothing.test.ts',
    'stories/guessing-passwords-locks-nobody-out.test.ts',
    'stories/no-input-breaks-the-service.test.ts',
    'stories/no-text-holds-everybody-up.test.ts',
    'stories/nobody-else-chooses-the-session.test.ts',
    'stories/nobody-learns-who-exists.test.ts',
    'stories/one-cookie-header-is-one-person-everywhere.test.ts',
    'stories/only-the-proxy-in-front-is-believed.test.ts',
    'stories/signing-in-leads-nowhere-else.test.ts',
    'stories/slow-requests-are-answered-and-closed.test.ts'
  ],
  'stories-of-sessions': [
    'stories/a-changed-password-signs-out-everywhere.test.ts',
    'stories/a-sign-in-under-way-does-not-survive.test.ts',
    'stories/a-session-in-use-outlives-its-cookie-age.test.ts',
    'stories/a-slow-request-cannot-undo-signing-out.test.ts',
    'stories/a-thousand-people-move-from-express-session.test.ts',
    'stories/an-app-that-knows-nothing-is-behind-the-gate.test.ts',
    'stories/session-data-that-cannot-be-kept-loses-nothing.test.ts',
    'stories/sign-ins-survive-a-restart.test.ts',
    'stories/the-cookie-is-set-and-cleared-alike.test.ts',
    'stories/visitors-who-never-sign-in-cost-nothing.test.ts'
  ]
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
