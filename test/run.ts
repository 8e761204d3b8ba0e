import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { moveFixtures } from './fixtures-folder.ts'
import { groupsOf, readTest, testFiles, writeGroups } from './groups.ts'
import { installServers } from './install-servers.ts'
import { ownTemporaryFolder, temporaryFolder } from './temporary-folder.ts'

/*
 * node test/run.ts [--quick] [TAP OPTIONS]
 *   all tests, or all but the one that installs packages, without coverage
 * node test/run.ts --files FILE... [TAP OPTIONS]
 *   these, each in its own process
 */
const root = join(import.meta.dirname, '..')
const withoutCoverage = ['--disable-coverage', '--allow-incomplete-coverage']

const [kind = '', ...words] = process.argv.slice(2)
if (kind === '--files' && words.every((word) => word.startsWith('-'))) {
  console.error('Which test file? For example: npm run test:file -- test/app.test.ts')
  process.exit(1)
}
installServers()
const temporary = temporaryFolder()
moveFixtures(join(root, '.tap/fixtures'), temporary)
const own = ownTemporaryFolder(temporary)
await buildTap()
if (kind === '--files') tap([...withoutCoverage, ...words])
else if (kind === '--quick') tap([...withoutCoverage, ...words, ...groupFiles(['packages'])])
else tap([...process.argv.slice(2), ...groupFiles()])

function groupFiles(leftOut: readonly string[] = []): string[] {
  const groups = [...groupsOf(testFiles(), readTest)].filter(([name]) => !leftOut.includes(name))
  return writeGroups(new Map(groups), join(root, '.tap/groups'))
}

/**
 * tap notices by itself that .taprc turns a plugin off, but its first run still loads the plugin and fails.
 * So a fresh installation is built before the first run; this takes seconds, hence not every time.
 */
async function buildTap(): Promise<void> {
  const { t } = await import('tap')
  if (!t.pluginSignature.includes('@tapjs/typescript')) return
  console.error('Building tap with the plugins of .taprc.')
  tap(['build'])
}

/** Exits if tap fails. */
function tap(words: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/.bin/tap'), ...words], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, '.tap/compiled'), TMPDIR: own }
  })
  if (status !== 0) process.exit(status ?? 1)
}
