import { readdirSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'

export interface ContainedFiles {
  /** Paths in the folder, with slashes. */
  readonly files: readonly string[]
  /** Symbolic links that lead out of the folder, also as paths in it. */
  readonly leadingOut: readonly string[]
}

/**
 * Whether a name belongs to a file that the folder really contains: no part of the name begins with a dot, and
 * no symbolic link leads out of the folder. Links inside it are followed, as mounted ConfigMaps need it.
 * @param name a path in the folder, with slashes
 */
export function containsFile(folder: string, name: string): boolean {
  if (isHidden(name)) return false
  const path = join(folder, name)
  return isFile(path) && !leadsOut(folder, path)
}

/**
 * Whether something must not be read by this name: a dotfile, a link that leads out, what is neither a file nor a
 * folder, or what cannot be looked at. False for what does not exist.
 */
export function concealsFile(folder: string, name: string): boolean {
  if (isHidden(name)) return true
  const path = join(folder, name)
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    return found !== undefined && (!(found.isFile() || found.isDirectory()) || leadsOut(folder, path))
  } catch {
    return true
  }
}

/** All files that a folder contains, subfolders included, without dotfiles. */
export function containedFiles(folder: string): ContainedFiles {
  const files: string[] = []
  const leadingOut: string[] = []
  visit('', new Set())
  return { files, leadingOut }

  /** @param above real paths of the folders on the way, so that a link to one of them is not followed */
  function visit(name: string, above: ReadonlySet<string>): void {
    const path = join(folder, name)
    const real = realpathSync(path)
    if (above.has(real)) return
    for (const entry of readdirSync(path).filter((entry) => !isHidden(entry))) {
      const inner = name === '' ? entry : `${name}/${entry}`
      const found = statSync(join(folder, inner), { throwIfNoEntry: false })
      if (!found) continue
      if (leadsOut(folder, join(folder, inner))) leadingOut.push(inner)
      else if (found.isDirectory()) visit(inner, new Set([...above, real]))
      else if (found.isFile()) files.push(inner)
    }
  }
}

/** Whether a path is outside of the folder, once all symbolic links are followed. @throws {Error} if it does not exist */
export function leadsOut(folder: string, path: string): boolean {
  const inside = relative(realpathSync(folder), realpathSync(path))
  return isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`)
}

/** Whether a part of the path begins with a dot, `..` included. */
export function isHidden(name: string): boolean {
  return name.split(/[/\\]/).some((part) => part.startsWith('.'))
}

/** False for what cannot be looked at: a name that is too long, or contains a zero byte. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
