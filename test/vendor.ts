import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')

/** What each file of vendor/ exports, and what it imports of packages that an app has anyway. */
export const vendored: Readonly<Record<string, { readonly source: string; readonly external: string[] }>> = {
  kysely: {
    source: "export * from 'kysely'; export { Migrator } from 'kysely/migration'",
    external: []
  },
  'connect-redis': { source: "export * from 'connect-redis'", external: ['express-session'] }
}

export const fileOf = (name: string) => join(root, 'vendor', `${name}.js`)

/** @returns the content of vendor/NAME.js, from the package that is installed */
export async function bundle(name: string): Promise<string> {
  const { source = '', external = [] } = vendored[name] ?? {}
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root },
    ...{ bundle: true, write: false, format: 'esm', platform: 'node', target: 'node24', charset: 'utf8' },
    // Folders of node_modules may be links.
    ...{ external, preserveSymlinks: true, legalComments: 'none', banner: { js: bannerOf(name) } }
  })
  return outputFiles[0]?.text.replaceAll(/^\/\/ .*node_modules\//gm, '// ') ?? ''
}

function bannerOf(name: string): string {
  const read = (file: string) => readFileSync(join(root, 'node_modules', name, file), 'utf8')
  const { version, license } = JSON.parse(read('package.json'))
  const [copyright = ''] = /^Copyright .+$/m.exec(read(name === 'kysely' ? 'LICENSE' : 'license')) ?? []
  return `// ${name} ${version}, ${license}: ${copyright}. Made by "npm run vendor"; its licence is in vendor/README.md.`
}

if (import.meta.main)
  for (const name of Object.keys(vendored)) writeFileSync(fileOf(name), await bundle(name))
