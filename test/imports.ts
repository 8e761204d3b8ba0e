import { posix } from 'node:path'

/** Source text by path, seen from the root of the repository: `src/app.ts`. */
export type Sources = ReadonlyMap<string, string>

/**
 * By folder, what lies in it: rows from the top to the bottom, and in a row what stands side by side. `.` is the
 * files that lie in the folder itself. A folder that is no key is one room: what is in it may import each other.
 */
export type Floors = Readonly<Record<string, readonly (readonly string[])[]>>

export interface Import {
  /** What is imported, seen from the root of the repository. */
  readonly target: string
  /** Whether only types are: nothing is loaded. */
  readonly isOfTypes: boolean
}

/** Every relative import of a file, `import()` and `import('…')` in types too. */
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
 * Every import that leads upward or sideways, a sentence each. Two files are compared in the innermost folder that
 * holds both: a file may import what is below it there, and what is in the same room.
 * @param allowed imports that are left out
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

/** The imports that lead from a file back to itself, types too: each circle as `a.ts > b.ts > a.ts`. */
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

/** @returns undefined where the import leads downward or stays in its room */
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
