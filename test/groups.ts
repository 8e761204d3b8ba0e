import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'

/** The test files that share a process, by the name of their group. */
export type Groups = ReadonlyMap<string, readonly string[]>

/** Folders are combined until they have so many files. */
const enough = 40

/**
 * Divides test files into groups. A group has all files of a folder directly below test/, and small folders
 * share one, unless a file has a comment `// group: NAME`. `alone` means a process of its own, for tests that
 * change something that all tests of a process share.
 *
 * @param files relative to test/
 * @param read returns the text of a file
 */
export function groupsOf(files: readonly string[], read: (file: string) => string): Groups {
  const named = new Map<string, string[]>()
  const unnamed: string[] = []
  for (const file of files.toSorted()) {
    const [, said] = /^\/\/ group: ([a-z-]+)$/m.exec(read(file)) ?? []
    const name = said === 'alone' ? basename(file, '.test.ts') : said
    if (name === undefined) unnamed.push(file)
    else named.set(name, [...(named.get(name) ?? []), file])
  }
  for (const folders of putTogether(Map.groupBy(unnamed.toSorted(byFolder), folderOf))) {
    const [first, last] = [folders[0]?.[0], folders.at(-1)?.[0]]
    named.set(
      first === last ? `${first}` : `${first}-to-${last}`,
      folders.flatMap(([, files]) => files)
    )
  }
  return named
}

const byFolder = (one: string, other: string) => folderOf(one).localeCompare(folderOf(other), 'en')

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : 'top'
}

function putTogether(folders: ReadonlyMap<string, string[]>): [string, string[]][][] {
  const together: [string, string[]][][] = []
  let count = enough
  for (const folder of folders) {
    if (count >= enough) {
      together.push([])
      count = 0
    }
    together.at(-1)?.push(folder)
    count += folder[1].length
  }
  // A small rest is not worth a process.
  const last = count < enough / 2 && together.length > 1 ? together.pop() : undefined
  together.at(-1)?.push(...(last ?? []))
  return together
}

/** All test files, relative to test/. */
export function testFiles(): string[] {
  return globSync('**/*.test.ts', { cwd: import.meta.dirname }).map((file) => file.split(sep).join('/'))
}

export function readTest(file: string): string {
  return readFileSync(join(import.meta.dirname, file), 'utf8')
}

/**
 * tap ends when no test is pending, and a file that starts a server before its tests has none meanwhile: so
 * the first test of a group ends when all its files are loaded.
 */
const holdOpen = (leftOpen: string) => `import t from 'tap'
import { endWhatIsLeftOpen } from '${leftOpen}'
endWhatIsLeftOpen(t)
const { promise, resolve } = Promise.withResolvers<void>()
t.test('all files are loaded', { timeout: 0 }, () => promise)
`

/**
 * Writes for each group a file that runs its tests one after another, because loading tap and the service
 * takes longer than most of them.
 * @returns the files for tap
 */
export function writeGroups(groups: Groups, folder: string): string[] {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return [...groups].map(([name, files]) => {
    const path = join(folder, `${name}.test.ts`)
    const address = (file: string) => relative(dirname(path), join(import.meta.dirname, file))
    const imports = files.map((file) => `await import('${address(file)}')\n`).join('')
    writeFileSync(path, `${holdOpen(address('tap/left-open.ts'))}${imports}resolve()\n`)
    return path
  })
}
