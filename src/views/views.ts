import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Eta } from 'eta'
import { readTextFile } from '../primitives/text-file.ts'
import { type Fixed, renderFixedParts } from './fixed-parts.ts'

export interface ViewsOptions {
  /** Where every view is. */
  readonly folder: string
  /** Asked first; undefined for none. */
  readonly own: string | undefined
  /** What every page says alike: printed when a view is compiled, once, and not again for each page. */
  readonly fixed: Fixed
}

/** Eta over a folder of views, some of which lie in another folder instead: those are read from there. */
export class Views extends Eta {
  constructor({ folder, own, fixed }: ViewsOptions) {
    super({ views: folder, cache: true })
    const { readFile, resolvePath, config } = this
    if (!readFile || !resolvePath) throw new TypeError('Eta reads files only as it is on Node')
    this.readFile = (path) => {
      const ownPath = own && join(own, relative(folder, path))
      const view = ownPath && existsSync(ownPath) ? readTextFile(ownPath) : readFile.call(this, path)
      return renderFixedParts(view, fixed, config.escapeFunction)
    }
    this.resolvePath = memoizePaths(this, resolvePath)
  }
}

type ResolvePath = NonNullable<Eta['resolvePath']>

/** Which view is meant by a name depends on the view that says it, and on nothing else. */
function memoizePaths(eta: Eta, resolve: ResolvePath): ResolvePath {
  const known = new Map<string | undefined, Map<string, string>>()
  return (name, options) => {
    const from = options?.filepath
    const names = known.get(from) ?? new Map<string, string>()
    const path = names.get(name) ?? resolve.call(eta, name, options)
    known.set(from, names.set(name, path))
    return path
  }
}
