import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'

export const assetsFolder = '/assets/latchkey/'

const forEver = 'public, max-age=31536000, immutable'
const anHour = 'public, max-age=3600'

/** `/assets/latchkey/style.css?v=3f2b8c1d`: what has another content has another address. */
export function assetAddress(name: string, content: string | Buffer): string {
  const version = createHash('sha256').update(content).digest('hex').slice(0, 8)
  return `${plainAddress(name)}?v=${version}`
}

/** Without a version, for what is not known. */
export function plainAddress(name: string): string {
  return assetsFolder + name.split('/').map(encodeURIComponent).join('/')
}

/** By name, the address of each file in some folders; where two have one of a name, the first counts. */
export function addressesIn(folders: readonly string[]): ReadonlyMap<string, string> {
  const files = folders.toReversed().flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      // Views write every name with a slash, and Windows gives them with another.
      .map((name) => ({ name: name.replaceAll(sep, '/'), file: join(folder, name) }))
      .filter(({ file }) => statSync(file, { throwIfNoEntry: false })?.isFile())
  )
  return new Map(files.map(({ name, file }) => [name, assetAddress(name, readFileSync(file))]))
}

/** How long caches may keep what an address answers: with its version nothing else will ever be there. */
export function cacheControl(isVersioned: boolean): string {
  return isVersioned ? forEver : anHour
}
