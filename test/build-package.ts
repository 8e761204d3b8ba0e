import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

// `npm run build`: dist/, for the package alone.
const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

rmSync(dist, { recursive: true, force: true })
const compiler = join(root, 'node_modules/.bin/tsc')
execFileSync(compiler, ['--project', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
for (const type of ['cts', 'mts']) {
  const types = `src/express/types.d.${type}`
  copyFileSync(join(root, types), join(dist, types))
}
writeTypesOfKysely()
removeDescriptions()

/** Editors read what a function is for in its declaration: in the code the same is a quarter of a megabyte. */
function removeDescriptions(): void {
  for (const file of globSync(join(dist, '**/*.js')))
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/^[ \t]*\/\*\*[\s\S]*?\*\/\n/gm, ''))
}

/**
 * Declarations mention Kysely, of which apps see nothing. Its own types are 2 MB; so each name in use becomes a type that says
 * nothing. It is a relative import, because older compilers do not know the `imports` of a package.
 */
function writeTypesOfKysely(): void {
  const names = new Set<string>()
  for (const file of globSync(join(dist, '**/*.d.ts'))) {
    const text = readFileSync(file, 'utf8')
    for (const [, list = ''] of text.matchAll(/\{([^{}]+)\} from ['"]#vendor\/kysely['"]/g)) {
      for (const [, name = ''] of list.matchAll(/(?:^|,)\s*(?:type )?(\w+)/g)) names.add(name)
    }
    for (const [, name = ''] of text.matchAll(/import\("#vendor\/kysely"\)\.(\w+)/g)) names.add(name)
    const types = `./${relative(dirname(file), join(dist, 'kysely.js')).replaceAll('\\', '/')}`
    writeFileSync(file, text.replaceAll(/(['"])#vendor\/kysely\1/g, `$1${types}$1`))
  }
  const parameters = '<_1 = unknown, _2 = unknown, _3 = unknown, _4 = unknown>'
  const types = [...names].sort().map((name) => `export type ${name}${parameters} = any\n`)
  writeFileSync(join(dist, 'kysely.d.ts'), types.join(''))
}
