import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const block = 4096

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

export interface AppPackage {
  readonly name: string
  /** On disk, in blocks of 4 KiB. */
  readonly bytes: number
}

/** What `npm install fastify latchkey` installs in an empty project, beside Latchkey itself: from package-lock.json. */
export function appPackages(): AppPackage[] {
  const lock: { packages: Record<string, Locked> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8')
  )
  const places = new Set<string>()
  const follow = (from: string) => {
    for (const name of neededBy(lock.packages[from] ?? {})) {
      const place = placeOf(name, from, lock.packages)
      if (place === undefined || places.has(place)) continue
      places.add(place)
      follow(place)
    }
  }
  follow('')
  return [...places]
    .map((place) => ({
      name: place.split('node_modules/').at(-1) ?? place,
      bytes: bytesOf(join(root, place))
    }))
    .sort((one, other) => other.bytes - one.bytes || one.name.localeCompare(other.name))
}

function neededBy(locked: Locked): string[] {
  const { dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} } = locked
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional)
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]
}

/** As Node finds it: in the nearest node_modules. */
function placeOf(name: string, from: string, packages: Record<string, Locked>): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const place = `${folder && `${folder}/`}node_modules/${name}`
    if (place in packages) return place
    if (folder === '') return undefined
  }
}

/** Of a folder, without the packages inside it. */
export function bytesOf(folder: string): number {
  let bytes = block
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) bytes += entry.name === 'node_modules' ? 0 : bytesOf(path)
    else bytes += Math.ceil(lstatSync(path).size / block) * block
  }
  return bytes
}
