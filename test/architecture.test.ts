import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { circlesIn, type Floors, type Import, importFaults, importsIn } from './imports.ts'

const root = join(import.meta.dirname, '..')
/** From top to bottom. views/ are above all of them and import nothing. */
const floors: Floors = {
  '': [['routes'], ['plugins'], ['src']],
  src: [
    ['.'],
    ['cli', 'express', 'library', 'server'],
    ['settings'],
    ['api', 'metrics', 'views'],
    ['administration'],
    ['factors', 'invitations', 'throttle', 'tokens'],
    ['accounts', 'audit', 'branding', 'gate', 'sessions'],
    ['groups', 'mail'],
    ['encryption', 'endings'],
    ['database', 'redis'],
    ['identity', 'start'],
    ['errors'],
    ['i18n'],
    ['primitives', 'web']
  ],
  'src/express': [['.'], ['fast-path'], ['store', 'strict']],
  'src/gate': [['.'], ['rules']],
  'src/sessions': [['object'], ['stores'], ['cache'], ['cookie'], ['.']]
}
/**
 * The only files in src/ that may import Fastify: those that put everything together, and the server's
 * options.
 */
const fastifyDoors = [
  'src/app.ts',
  'src/index.ts',
  'src/open-services.ts',
  'src/serve.ts',
  'src/server/schema-compilers.ts',
  'src/server/server-options.ts'
]
const nobodyCanGuess = /\/(utils?|helpers?|common|lib|services?)(\/|\.ts$)/

const files = ['routes', 'plugins', 'src'].flatMap((floor) =>
  readdirSync(join(root, floor), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(floor, file))
)

const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')] as const))

function importsOf(file: string): string[] {
  const code = sources.get(file) ?? ''
  return [...code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier ?? '')
}

t.test('every import leads downward or stays in its folder', async (t) => {
  // Users of the library need what plugins/ add to Fastify's types; types only.
  const areTypesForTheFace = (file: string, { target, isOfTypes }: Import) =>
    file === 'src/index.ts' && isOfTypes && target.startsWith('plugins/')
  t.same(importFaults(sources, floors, areTypesForTheFace), [])
})

t.test('every folder has a place in the order', async (t) => {
  for (const [folder, rows] of Object.entries(floors).filter(([folder]) => folder !== '')) {
    const inner = readdirSync(join(root, folder), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory()
    )
    t.same(
      inner.map(({ name }) => name).sort(),
      rows
        .flat()
        .filter((name) => name !== '.')
        .sort(),
      folder
    )
  }
})

t.test('no file lies loose in src/ but the entries and what they share', async (t) => {
  const loose = files.filter((file) => /^src\/[^/]+$/.test(file)).sort()
  t.same(
    loose,
    ['app', 'cli', 'index', 'open-services', 'serve', 'testing'].map((name) => `src/${name}.ts`)
  )
})

t.test('what is vendored is imported from there', async (t) => {
  const importing = files.filter((file) =>
    importsOf(file).some((name) => /^(kysely|connect-redis)\b/.test(name))
  )
  t.same(importing, [], 'kysely is #vendor/kysely')
})

t.test('no imports form a circle', async (t) => {
  t.same(circlesIn(sources), [])
})

t.test('only one import leads to the fast path of Express, so it can be deleted', async (t) => {
  const folder = 'src/express/fast-path/'
  const doors = files
    .filter((file) => !file.startsWith(folder))
    .flatMap((file) => importsIn(file, sources.get(file) ?? '').map(({ target }) => [file, target]))
    .filter(([, target]) => target?.startsWith(folder))
  t.same(doors, [['src/express/session.ts', `${folder}fast-path.ts`]])
})

t.test('src/ imports Fastify only in the files that may', async (t) => {
  const knowing = files.filter(
    (file) => file.startsWith('src/') && importsOf(file).some((specifier) => /^@?fastify/.test(specifier))
  )
  t.same(knowing.sort(), fastifyDoors)
})

t.test('the library exports the types that plugins add to Fastify', async (t) => {
  const declaring = files.filter(
    (file) =>
      /^plugins\/((session|auth|gate)\/)?[^/]+\.ts$/.test(file) &&
      readFileSync(join(root, file), 'utf8').includes("declare module 'fastify'")
  )
  const imported = importsOf('src/index.ts').filter((specifier) => specifier.startsWith('../plugins/'))
  t.same([...new Set(imported)].sort(), declaring.map((file) => `../${file}`).sort())
})

t.test('only environment.ts reads the environment, and only thread-pool.ts sets it', async (t) => {
  const reading = files.filter((file) => readFileSync(join(root, file), 'utf8').includes('process.env'))
  t.same(reading.sort(), ['src/settings/environment.ts', 'src/start/thread-pool.ts'])
})

t.test('text files are read in one place, which handles byte order marks', async (t) => {
  const reading = files.filter((file) => /readFile(Sync)?\([^)]*'utf-?8'/.test(sources.get(file) ?? ''))
  // The system's own variables.
  t.same(reading, ['src/start/thread-pool.ts'])
  const decoding = files.filter((file) => /\bTextDecoder\(/.test(sources.get(file) ?? ''))
  t.same(decoding, ['src/primitives/text-file.ts'])
})

t.test('passwords are verified only where attempts are counted', async (t) => {
  const checking = files.filter((file) => /\baccounts\.verify\(/.test(readFileSync(join(root, file), 'utf8')))
  t.same(checking, ['plugins/verify-password.ts'])
})

t.test('no file or folder has a meaningless name', async (t) => {
  t.same(
    files.filter((file) => nobodyCanGuess.test(`/${file}`)),
    []
  )
})

t.test('views escape all output except included views', async (t) => {
  for (const view of readdirSync(join(root, 'views'), { recursive: true, encoding: 'utf8' })) {
    if (!view.endsWith('.eta')) continue
    const raw = readFileSync(join(root, 'views', view), 'utf8').match(/<%~.*?%>/g) ?? []
    const allowed = view === 'layout.eta' ? /^<%~ (include\('|it\.body %>)/ : /^<%~ include\('/
    for (const tag of raw) t.match(tag, allowed, view)
  }
})

t.test('a plugin has fewer than 100 lines, a file in src/ fewer than 250', async (t) => {
  // Texts of a language and tables may be as long as they need.
  const isList = (file: string) => /^src\/(i18n\/languages\/|settings\/settings\.ts$)/.test(file)
  for (const file of files.filter((file) => !isList(file))) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n').length
    t.ok(lines < (file.startsWith('src/') ? 250 : 100), `${file} has ${lines}`)
  }
})

t.test('a line of a comment has at most 132 characters', async (t) => {
  // Written by test/settings-documents.ts.
  for (const file of files.filter((file) => file !== 'src/settings/setting-options.ts')) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    t.same(
      lines.filter((line) => line.length > 132 && /^\s*(\*|\/[*/])/.test(line)),
      [],
      file
    )
  }
})

t.test('passkeys need at most 80 lines of script', async (t) => {
  const lines = readFileSync(join(root, 'views/assets/passkey.js'), 'utf8').trimEnd().split('\n').length
  t.ok(lines <= 80, `it has ${lines}`)
})

t.test('the side-by-side benches import only what src/ exports', async (t) => {
  const files = globSync('bench/side-by-side/**/*.ts', { cwd: root }).filter(
    (file) => !file.includes('node_modules')
  )
  const taken = files.flatMap((file) =>
    [
      ...readFileSync(join(root, file), 'utf8').matchAll(
        /^import (?:type )?\{(.+?)\} from '(\..+\/src\/.+)'$/gm
      )
    ].map(([, names = '', path = '']) => ({ file, names, module: join(root, file, '..', path) }))
  )
  for (const { file, names, module } of taken) {
    const source = readFileSync(module, 'utf8')
    for (const name of names.split(',').map((one) => one.replace('type', '').trim()))
      t.match(source, new RegExp(`^export .*\\b${name}\\b`, 'm'), `${name} in ${file}`)
  }
  t.ok(taken.length > 0)
})
