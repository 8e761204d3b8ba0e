import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { appPackages } from './app-packages.ts'

const root = join(import.meta.dirname, '..')
const list = join(root, 'docs/licences.md')
const packages = join(root, 'docs/packages.md')

interface LockedPackage {
  readonly version: string
  readonly license?: string
  /** For development only. */
  readonly dev?: boolean
  /** A folder of this repository. */
  readonly link?: boolean
}

interface Licensed {
  readonly name: string
  readonly version: string
  readonly licence: string
}

/** Every package that is installed with the service, from package-lock.json. */
export function licensedPackages(): Licensed[] {
  const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8')
  )
  return Object.entries(lock.packages)
    .filter(([place, { dev, link }]) => place.startsWith('node_modules/') && !dev && !link)
    .map(([place, { version, license = 'none given' }]) => ({
      name: place.split('node_modules/').at(-1) ?? place,
      version,
      licence: license
    }))
    .sort((one, other) => one.name.localeCompare(other.name) || one.version.localeCompare(other.version))
}

/** Every package that is in a file of vendor/, from vendor/LICENCES.txt. */
export function vendoredPackages(): Licensed[] {
  const text = readFileSync(join(root, 'vendor/LICENCES.txt'), 'utf8')
  return [...text.matchAll(/^=== (\S+) (\S+), (.+)$/gm)].map(([, name = '', version = '', licence = '']) => ({
    name,
    version,
    licence
  }))
}

/** The content of docs/licences.md. */
export function licencesDocument(): string {
  const byLicence = Map.groupBy(licensedPackages(), ({ licence }) => licence)
  const sections = [...byLicence]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([licence, packages]) => {
      const names = new Set(packages.map(({ name }) => `\`${name}\``))
      return `## ${licence}\n\n${[...names].join(', ')}\n`
    })
  const vendored =
    '## MIT, in `vendor/`\n\n`connect-redis`, `kysely`: [vendor/README.md](../vendor/README.md) has the licence.\n'
  const data =
    '## Unicode-3.0\n\nThe table in `src/identity/confusables.ts`, from the data files of Unicode, © 2025 Unicode, Inc.\n'
  return `# Licences\n\nOf every package that comes along with the service. Made by \`npm run licences\`.\n\n${[...sections, vendored, data].join('\n')}`
}

export function readLicencesDocument(): string {
  return readFileSync(list, 'utf8')
}

/** The content of docs/packages.md, with or without the sizes: those of another system differ a little. */
export function packagesDocument(sizeOf: (bytes: number) => string = inKilobytes): string {
  const rows = appPackages().map(({ name, bytes }) => `| \`${name}\` | ${sizeOf(bytes)} |`)
  return `# What an app installs

Of \`npm install fastify latchkey\`, beside Latchkey itself: ${rows.length} packages, with their sizes on disk. Made by
\`npm run licences\`. An app with Redis adds \`ioredis\`, one with PostgreSQL \`pg\`.
[How it was before](performance.md#starting-and-installing).

| package | kB |
|---|---|
${rows.join('\n')}
`
}

export function readPackagesDocument(): string {
  return readFileSync(packages, 'utf8')
}

function inKilobytes(bytes: number): string {
  return String(Math.ceil(bytes / 1000))
}

if (import.meta.main) {
  writeFileSync(list, licencesDocument())
  writeFileSync(packages, packagesDocument())
}
