import { statSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * The folder in VIEWS as an absolute path.
 * @throws {Error} with a message that completes a sentence starting with the name of the setting
 */
export function parseViewsFolder(value: string): string | undefined {
  if (value === '') return undefined
  if (statSync(value, { throwIfNoEntry: false })?.isDirectory()) return resolve(value)
  throw new Error(`is "${value}", it must be a folder with Eta views, such as ./views`)
}
