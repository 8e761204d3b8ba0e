import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')

interface Vendored {
  readonly source: string
  /** Packages that an app has anyway. */
  readonly external?: string[]
}

/** What each file of vendor/ exports. */
export const vendored: Readonly<Record<string, Vendored>> = {
  kysely: { source: "export * from 'kysely'; export { Migrator } from 'kysely/migration'" },
  'connect-redis': { source: "export * from 'connect-redis'", external: ['express-session'] },
  simplewebauthn: {
    source: "export * from '@simplewebauthn/server'; export * from '@simplewebauthn/server/helpers'"
  }
}

export interface Bundle {
  /** The content of vendor/NAME.js, from the packages that are installed. */
  readonly code: string
  /** The folders of these packages in node_modules. */
  readonly packages: readonly string[]
}

export const fileOf = (name: string) => join(root, 'vendor', `${name}.js`)

export async function bundle(name: string): Promise<Bundle> {
  const { source = '', external = [] } = vendored[name] ?? {}
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: root },
    ...{ bundle: true, write: false, metafile: true, format: 'esm', platform: 'node', target: 'node24' },
    // Folders of node_modules may be links.
    ...{ external, preserveSymlinks: true, charset: 'utf8', legalComments: 'none' },
    banner: { js: `// Made by "npm run vendor". The licences are in LICENCES.txt.` },
    absWorkingDir: root
  })
  const folders = Object.keys(metafile.inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []
  )
  return { code: outputFiles[0]?.text ?? '', packages: [...new Set(folders)] }
}

/** The content of vendor/LICENCES.txt: each package with its licence. */
export function licencesOf(packages: readonly string[]): string {
  return [...new Set(packages)].sort().map(licenceOf).join('\n')
}

function licenceOf(place: string): string {
  const folder = join(root, place)
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const [file] = readdirSync(folder).filter((file) => /^(licen[cs]e|copyright)/i.test(file))
  if (file === undefined) throw new Error(`${name} has no licence in ${folder}`)
  const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()
  return `=== ${name} ${version}, ${license}\n\n${text}\n`
}

export const licencesFile = join(root, 'vendor/LICENCES.txt')

if (import.meta.main) {
  const packages = []
  for (const name of Object.keys(vendored)) {
    const made = await bundle(name)
    writeFileSync(fileOf(name), made.code)
    packages.push(...made.packages)
  }
  writeFileSync(licencesFile, licencesOf(packages))
}
