import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import { readConfig } from '../src/settings/config.ts'
import { fileVariable, secretNames } from '../src/settings/secret-files.ts'
import { settings } from '../src/settings/settings.ts'
import { secret } from './build.ts'
import { commandIn } from './cli/command.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const folders = ['bench', 'docs', 'examples', 'plugins', 'routes', 'src', 'test', 'views']
const documents = [root, ...folders.map((folder) => join(root, folder))].flatMap((folder) =>
  readdirSync(folder, { recursive: folder !== root, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
    .map((file) => relative(root, join(folder, file)))
)
const prose = documents.filter((file) => file !== 'CHANGELOG.md').map((file) => [file, read(file)] as const)

t.test('every link in a document leads somewhere', async (t) => {
  for (const [file, text] of prose) {
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)) {
      const [path = '', anchor] = target.split('#')
      const found = path === '' ? file : join(dirname(file), path)
      t.ok(existsSync(join(root, found)), `${file} → ${target}`)
      if (anchor) t.ok(anchorsOf(found).includes(anchor), `${file} → ${target}`)
    }
  }
})

t.test('every setting named in a document or an example exists', async (t) => {
  const names = [...settings.map(({ name }) => name), ...secretNames.map(fileVariable)]
  // Read by Node, by fastify-cli, by the tests, and by Express apps alone.
  const others = [
    'NODE_EXTRA_CA_CERTS',
    'FASTIFY_ADDRESS',
    'CHROMIUM_PATH',
    'POSTGRES_PASSWORD',
    'ACCOUNTS_URL'
  ]
  const environments = ['examples/systemd/latchkey.env'].map((file) => [file, read(file)] as const)
  for (const [file, text] of [...prose, ...environments]) {
    const named = namesIn(text, /(?:`|^|\s)([A-Z]{2,}(?:_[A-Z]+)+|PORT)(?:`|=)/gm)
    for (const name of named.filter((name) => !name.startsWith('LATCHKEY_'))) {
      t.ok([...names, ...others].includes(name), `${file}: ${name}`)
    }
  }
})

t.test('the settings of an Express app are those that it reads', async (t) => {
  const [, row = ''] = /^\| `settings` \(ours\) \| (.+)$/m.exec(read('docs/from-express-session.md')) ?? []
  const names = settings.filter(({ group }) => group === 'storage').map(({ name }) => name)
  t.same(namesIn(row, /`([A-Z_]+)`/g).toSorted(), ['ACCOUNTS_URL', ...names].toSorted())
})

t.test('the lists of documents and of examples are complete', async (t) => {
  for (const folder of ['docs', 'examples'])
    for (const name of readdirSync(join(root, folder)).filter((name) => name !== 'README.md'))
      t.match(read(`${folder}/README.md`), name, `${folder}/README.md lists ${name}`)
})

t.test('every script and command named in a document exists', async (t) => {
  const { scripts } = JSON.parse(read('package.json'))
  const commands = new Set<string>()
  for (const [file, text] of prose) {
    for (const name of namesIn(text, /npm run ([\w:]+)/g))
      t.hasProp(scripts, name, `${file}: npm run ${name}`)
    for (const command of namesIn(text, /npx latchkey ([a-z]+ [a-z]+)/g)) commands.add(command)
  }
  const latchkey = commandIn(t)
  for (const command of commands) {
    const { out } = await latchkey([...command.split(' '), '--help'])
    t.match(out, `latchkey ${command}`)
  }
})

t.test('settings that a document gives together are all that is needed', async (t) => {
  const shell = prose.flatMap(([file, text]) =>
    [...text.matchAll(/```sh\n([\s\S]+?)```/g)].map(([, script = '']) => [file, script] as const)
  )
  const help = (await commandIn(t)(['accounts', 'import', '--help'])).out
  const given = [...shell, ['accounts import --help', help] as const].flatMap(([file, script]) =>
    blocksOf(script).map((block) => [file, block] as const)
  )
  t.ok(given.length >= 4)
  for (const [file, block] of given) t.doesNotThrow(() => readConfig(block), `${file}: ${Object.keys(block)}`)
})

t.test('every event of the audit trail is explained', async (t) => {
  const [, table = ''] = /## The audit trail\n([\s\S]+?)\n## /.exec(read('docs/operating.md')) ?? []
  const cells = (table.match(/^\| `[^|]+/gm) ?? []).flatMap((row) => namesIn(row, /`([a-z-]+)`/g))
  const events = namesIn(read('src/audit/audit-event.ts'), /^ {2}\| '([a-z-]+)'$/gm)
  t.ok(events.length > 10)
  t.same(cells.sort(), events.sort())
})

t.test('a package that is for tests only is installed as one that is needed', async (t) => {
  const { devDependencies } = JSON.parse(read('package.json'))
  const lines = prose.flatMap(([, text]) => text.match(/^npm install .+$/gm) ?? [])
  t.ok(lines.some((line) => line.includes('@fastify/express')))
  for (const line of lines.filter((line) => line.split(' ').some((word) => word in devDependencies)))
    t.match(line, '--save-prod', 'or a deployment leaves it out')
})

t.test('every top-level folder says what belongs there', async (t) => {
  for (const folder of folders) t.ok(existsSync(join(root, folder, 'README.md')), folder)
})

/** Settings in one line, before a command or exported, and lines of nothing else, which belong together. */
function blocksOf(script: string): Record<string, string>[] {
  const lines = script.split('\n').map((line) => Object.fromEntries(assignmentsIn(line)))
  const apart = script.split('\n').every((line) => line === '' || /^[A-Z_]+=\S+$/.test(line))
  const blocks = apart ? [Object.assign({}, ...lines)] : lines
  return blocks.filter((block) => Object.keys(block).length > 0)
}

function assignmentsIn(line: string): [name: string, value: string][] {
  const [before = ''] = line.split(/(?:npx )?latchkey |npm start/)
  return [...before.matchAll(/\b([A-Z_]{4,})=(\S+)/g)].map(([, name = '', value = '']) => [
    name,
    value === '…' ? secret : value.replace('…', 'localhost')
  ])
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))]
}

/** Anchors as GitHub makes them from headings. */
function anchorsOf(file: string): string[] {
  return namesIn(read(file), /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
  )
}
