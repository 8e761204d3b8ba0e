import { existsSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Eta } from 'eta'

/** Eta over a folder of views, some of which lie in another folder instead: those are read from there. */
export class OwnViews extends Eta {
  /**
   * @param views where every view is
   * @param own the folder that is asked first; undefined for none
   */
  constructor(views: string, own: string | undefined) {
    super({ views })
    const { readFile } = this
    if (own === undefined || !readFile) return
    this.readFile = (path) => {
      const ownPath = join(own, relative(views, path))
      return readFile.call(this, existsSync(ownPath) ? ownPath : path)
    }
  }
}

/**
 * The folder in VIEWS as an absolute path.
 * @throws {Error} whose message ends a sentence that begins with the name of the setting
 */
export function parseViewsFolder(value: string): string | undefined {
  if (value === '') return undefined
  if (statSync(value, { throwIfNoEntry: false })?.isDirectory()) return resolve(value)
  throw new Error(`is "${value}", it must be a folder with Eta views, such as ./views`)
}
