import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { containedFiles } from '../primitives/contained-files.ts'

/**
 * The folder in VIEWS as an absolute path.
 * @throws {Error} with a message that completes a sentence starting with the name of the setting
 */
export function parseViewsFolder(value: string): string | undefined {
  if (value === '') return undefined
  if (!statSync(value, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`is "${value}", it must be a folder with Eta views, such as ./views`)
  const view = containedFiles(value).leadingOut.find((name) => name.endsWith('.eta'))
  if (view) throw new Error(`has a file ${view} that leads out of the folder: put a copy of the file there`)
  return resolve(value)
}
