import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { containedFiles } from '../primitives/contained-files.ts'

export const assetsFolder = '/assets/latchkey/'

const forEver = 'public, max-age=31536000, immutable'
const anHour = 'public, max-age=3600'

/** `/assets/latchkey/style.css?v=3f2b8c1d`: the version is a hash of the content. */
export function assetAddress(name: string, content: string | Buffer): string {
  const version = createHash('sha256').update(content).digest('hex').slice(0, 8)
  return `${plainAddress(name)}?v=${version}`
}

/** Without a version, for unknown files. */
export function plainAddress(name: string): string {
  return assetsFolder + name.split('/').map(encodeURIComponent).join('/')
}

/** Addresses of the files in some folders, by name; the first folder with a name wins. */
export function addressesIn(folders: readonly string[]): ReadonlyMap<string, string> {
  const files = folders
    .toReversed()
    .flatMap((folder) => containedFiles(folder).files.map((name) => ({ name, file: join(folder, name) })))
  return new Map(files.map(({ name, file }) => [name, assetAddress(name, readFileSync(file))]))
}

/** How long caches may store a response: for ever if its address has a version, an hour otherwise. */
export function cacheControl(isVersioned: boolean): string {
  return isVersioned ? forEver : anHour
}
