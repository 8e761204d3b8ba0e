import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { alice } from './build.ts'
import { commandIn } from './cli/command.ts'
import { startService } from './servers/service.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const readme = read('README.md')
const section = (title: string) => readme.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? ''
/** The first two cells of each row, without backticks. */
const rows = (title: string) =>
  [...section(title).matchAll(/^\| `(.+?)` \| (?:`(.+?)`|(.+?)) \|/gm)].map(([, name, code, text]) => [
    name ?? '',
    code ?? text ?? ''
  ])

t.test(
  'it begins with one sentence of what Latchkey is, then two commands with a sentence each',
  async (t) => {
    const [first = ''] = readme.split('\n## ')
    const parts = first.split('\n\n')
    t.match(parts[1], /^Latchkey is session login for Node: [^.]+\.$/)
    t.equal(parts[2], '```sh\nnpm ci && npm start\n```')
    t.match(parts[3], /^In a clone of this repository, this starts [^.]+\.$/)
    t.equal(parts[4], '```sh\nnpm ci && npm test\n```')
    t.match(parts[5], /^This runs the tests\./)
    t.equal(first.split('```sh').length, 3, 'no other command')
  }
)

t.test('“What next” leads to what a newcomer asks for, by commands that exist', async (t) => {
  const next = section('What next')
  for (const what of [
    'forgot',
    'administrator',
    'https',
    'data',
    'restore',
    'upgrade',
    'Nest',
    'Next',
    'plain `http`'
  ])
    t.match(next, what)
  const run = commandIn(t)
  for (const [, command = ''] of next.matchAll(/`npx latchkey (\w+ \w+) NAME`/g))
    t.match((await run([...command.split(' '), '--help'])).out, `latchkey ${command}`)
})

t.test('every promise is shown by a test', async (t) => {
  const promises = [...section('What it promises').matchAll(/^\| (.+?) \| (.+?) \|$/gm)].slice(1)
  t.ok(promises.length > 10)
  for (const [, promise = '', shownBy = ''] of promises) {
    t.ok(existsSync(join(root, 'test', `${shownBy.replaceAll('`', '')}.test.ts`)), promise)
  }
})

t.test('“Where is what” lists every folder, and each is right', async (t) => {
  const places = rows('Where is what').map(([place = '']) => place)
  for (const place of places) t.ok(existsSync(join(root, place)), place)
  const ignored = read('.gitignore').split('\n')
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${name}/`)
    .filter((folder) => /^\w/.test(folder) && !ignored.includes(folder))
  t.ok(folders.includes('src/'))
  for (const folder of folders)
    t.ok(
      places.some((place) => place.startsWith(folder)),
      folder
    )
})

t.test('its table has every command', async (t) => {
  const { out } = await commandIn(t)(['--help'])
  const [, list = ''] = /\nCommands:\n([\s\S]+?)\n\n/.exec(out) ?? []
  const commands = [...list.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name)
  t.ok(commands.includes('restore'))
  const table =
    section('From the command line')
      .match(/^\| `[^|]+/gm)
      ?.join('') ?? ''
  for (const command of commands.filter((name) => name !== 'help')) t.match(table, `\`${command}`)
})

t.test('the npm scripts and files that it names exist', async (t) => {
  const { scripts } = JSON.parse(read('package.json'))
  for (const [, script = ''] of readme.matchAll(/npm run (\w+)/g)) t.hasProp(scripts, script)
  for (const [, file = ''] of readme.matchAll(/(?:src|srcset)="(.+?)"/g))
    t.ok(existsSync(join(root, file)), file)
})

t.test('its example for programs works as written', async (t) => {
  const folder = t.testdir()
  const secretFile = join(folder, 'database_url')
  writeFileSync(secretFile, `file:${folder}/latchkey.db\n`, { mode: 0o400 })
  const service = await startService(t, { env: { DATABASE_URL_FILE: secretFile } })
  const [, commands = ''] = /```sh\n(curl[\s\S]+?)```/.exec(readme) ?? []
  await fetch(`${service.url}/register`, { method: 'POST', body: new URLSearchParams(alice) })
  const script = commands.replaceAll('localhost:3000', service.url).replaceAll('/tmp/', `${folder}/`)
  const answers = execFileSync('sh', ['-ec', script.replaceAll('curl', 'curl -s')], {
    cwd: folder,
    encoding: 'utf8'
  })
  t.equal(answers, '{"user":"alice"}{"user":"alice"}{"user":null}')
  t.ok(existsSync(join(folder, 'latchkey.db')), 'the address in the file of a secret')
})
