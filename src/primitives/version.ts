import { findPackageJSON } from 'node:module'
import { readTextFile } from './text-file.ts'

/** The version of Latchkey, as its package.json has it. */
export function version(): string {
  const path = findPackageJSON(import.meta.url)
  return path ? JSON.parse(readTextFile(path)).version : ''
}
