import { join, relative } from 'node:path'
import { Eta } from 'eta'
import { containsFile } from '../primitives/contained-files.ts'
import { readTextFile } from '../primitives/text-file.ts'
import type { PublicPaths } from '../web/public-paths.ts'
import { type Fixed, renderFixedParts } from './fixed-parts.ts'
import { withPublicPaths } from './links.ts'

export interface ViewsOptions {
  /** The folder with all views. */
  readonly folder: string
  /** A folder whose views replace those; undefined for none. */
  readonly own: string | undefined
  /** Fixed parts, rendered when a view is compiled. */
  readonly fixed: Fixed
  /** Where its links lead. */
  readonly paths: PublicPaths
}

/** Eta over a folder of views, some of which are replaced by views in another folder. */
export class Views extends Eta {
  constructor({ folder, own, fixed, paths }: ViewsOptions) {
    super({ views: folder, cache: true })
    const { readFile, resolvePath, config } = this
    if (!readFile || !resolvePath) throw new TypeError('Eta reads files only as it is on Node')
    this.readFile = (path) => {
      const name = relative(folder, path)
      const view = own && containsFile(own, name) ? readTextFile(join(own, name)) : readFile.call(this, path)
      return renderFixedParts(withPublicPaths(view, paths), fixed, config.escapeFunction)
    }
    this.resolvePath = memoizePaths(this, resolvePath)
  }
}

type ResolvePath = NonNullable<Eta['resolvePath']>

/** The path of an include depends only on its name and on the view that includes it. */
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
