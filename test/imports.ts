import { posix } from 'node:path'

/** Source text by path, relative to the repository: `src/app.ts`. */
export type Sources = ReadonlyMap<string, string>

/**
 * The floors inside each folder: rows from top to bottom; entries of a row are side by side. `.` means the
 * files in the folder itself. A folder without an entry is one room: its files may import each other.
 */
export type Floors = Readonly<Record<string, readonly (readonly string[])[]>>

export interface Import {
  /** The imported file, relative to the repository. */
  readonly target: string
  /** Whether only types are imported, so that nothing is loaded. */
  readonly isOfTypes: boolean
}

/** Every relative import of a file, including `import()` and `import('…')` in types. */
export function importsIn(file: string, code: string): Import[] {
  const statements = code.matchAll(
    /(?:\b(import|export)\s+(type\b)?[^'";()]*?)?\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g
  )
  return [...statements].map(([, , type, specifier = '']) => ({
    target: posix.join(posix.dirname(file), specifier),
    isOfTypes: type !== undefined
  }))
}

/**
 * Every import that leads upward or sideways, as a sentence. Two files are compared in the innermost folder
 * that contains both: a file may import from lower floors there, and from its own room.
 * @param allowed imports to ignore
 */
export function importFaults(
  sources: Sources,
  floors: Floors,
  allowed: (file: string, imported: Import) => boolean = () => false
): string[] {
  return [...sources].flatMap(([file, code]) =>
    importsIn(file, code)
      .filter((imported) => !allowed(file, imported))
      .flatMap(({ target }) => faultOf(file, target, floors) ?? [])
  )
}

/** Circular imports, types included: each as `a.ts > b.ts > a.ts`. */
export function circlesIn(sources: Sources): string[] {
  const imports = new Map(
    [...sources].map(([file, code]) => [file, importsIn(file, code).map(({ target }) => target)] as const)
  )
  const circles: string[] = []
  const seen = new Set<string>()
  const follow = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file)
    if (start >= 0) circles.push([...way.slice(start), file].join(' > '))
    if (start >= 0 || seen.has(file)) return
    for (const target of imports.get(file) ?? []) follow(target, [...way, file])
    seen.add(file)
  }
  for (const file of imports.keys()) follow(file, [])
  return circles
}

/** @returns undefined if the import leads downward or stays in its room */
function faultOf(file: string, target: string, floors: Floors): string | undefined {
  const folder = innermostFolder(file, target)
  const rows = floors[folder]
  if (rows === undefined) return undefined
  const [from, to] = [placeIn(folder, file, rows), placeIn(folder, target, rows)]
  if (!from || !to) return `${file} imports ${target}, and one of them is in no row of ${folder}`
  if (from.row < to.row || from.room === to.room) return undefined
  return `${file} imports ${target}, which is ${from.row === to.row ? 'beside' : 'above'} it`
}

function innermostFolder(one: string, other: string): string {
  const names = posix.dirname(one).split('/')
  const others = posix.dirname(other).split('/')
  const different = names.findIndex((name, index) => name !== others[index])
  return names.slice(0, different < 0 ? names.length : different).join('/')
}

function placeIn(folder: string, path: string, rows: Floors[string] & object) {
  const [room = '', ...rest] = (folder === '' ? path : path.slice(folder.length + 1)).split('/')
  const name = rest.length === 0 ? '.' : room
  const row = rows.findIndex((names) => names.includes(name))
  return row < 0 ? undefined : { row, room: name }
}
