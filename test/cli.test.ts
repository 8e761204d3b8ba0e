import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import argon2 from 'argon2'
import { type Test, test } from 'tap'
import { AccountsStore } from '../src/accounts/accounts-store.ts'
import { openSqlite } from '../src/database/sqlite.ts'
import { command, commandIn, type Outcome, outcome, password, settings, start } from './cli/command.ts'

const root = join(import.meta.dirname, '..')

const noTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux')
  ? false
  : 'needs the script command of util-linux'

test('users add reads the password from standard input, users list shows every account', async (t) => {
  const latchkey = commandIn(t)
  t.same(await latchkey(['users', 'add', 'alice'], password), { code: 0, out: 'Added alice.\n', err: '' })
  await latchkey(['users', 'add', 'bob'], `${password}\n`)

  const { code, out } = await latchkey(['users', 'list'])
  t.equal(code, 0)
  t.match(
    out,
    /^NAME {3}ROLE {2}CREATED AT {8}SIGNED IN AT {2}DISABLED AT {2}FAILED ATTEMPTS {2}CLOSED TO {2}SECOND FACTORS {2}EMAIL {2}ID\nalice {2}user {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}- {13}- {12}0 {16}- {10}0 {15}- {6}[\w-]{22}\nbob {4}user .* [\w-]{22}\n$/
  )
})

test('the version is that of the package', async (t) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  t.same(await commandIn(t)(['--version']), { code: 0, out: `${version}\n`, err: '' })
})

test('users list says how to add the first account when there is none', async (t) => {
  const { code, out } = await commandIn(t)(['users', 'list'])
  t.equal(code, 0)
  t.match(out, 'latchkey users add NAME')
})

test('a name may contain spaces and is shown as written', async (t) => {
  const latchkey = commandIn(t)
  t.equal((await latchkey(['users', 'add', 'Ada King Lovelace'], password)).code, 0)
  t.match((await latchkey(['users', 'list'])).out, /^Ada King Lovelace {2}user/m)

  const atTheEnds = await latchkey(['users', 'add', ' ada '], password)
  t.same(atTheEnds, { code: 1, out: '', err: 'A name cannot begin or end with a space.\n' })
})

test('a password from standard input is one line, in which spaces count', async (t) => {
  const latchkey = commandIn(t, settings(t, { PASSWORD_MIN_LENGTH: '8' }))
  t.equal((await latchkey(['users', 'add', 'alice'], '  k7$xq \n')).code, 0)
  t.equal((await latchkey(['users', 'add', 'bob'], ' k7$xq \n')).code, 1)
  for (const lines of [`${password}\n\n`, `${password}\n${password}`, `${password}\r${password}\n`]) {
    const err = 'Standard input has more than one line, and a password is one. Nothing was changed.\n'
    t.same(await latchkey(['users', 'add', 'carol'], lines), { code: 1, out: '', err })
    t.same(await latchkey(['users', 'passwd', 'alice'], lines), { code: 1, out: '', err })
  }
})

test('users add refuses bad input in one sentence', async (t) => {
  const latchkey = commandIn(t)
  await latchkey(['users', 'add', 'alice'], password)

  const taken = await latchkey(['users', 'add', 'ALICE'], password)
  t.same(taken, { code: 1, out: '', err: 'That name is taken. Choose another one.\n' })
  const short = await latchkey(['users', 'add', 'bob'], 'short')
  t.match(short, { code: 1, out: '', err: /^That password has 5 characters, it needs 15 or more\..*\n$/ })
  const easy = await latchkey(['users', 'add', 'bob'], 'bob1234567890123')
  t.match(easy, {
    code: 1,
    out: '',
    err: /^That password is little more than your name .*Use three or more words.*\n$/
  })
  const empty = await latchkey(['users', 'add', 'bob'])
  t.match(empty, { code: 1, out: '', err: /^A password is missing/ })
  t.notMatch((await latchkey(['users', 'list'])).out, /^bob/m)
})

test('users passwd finds a name in any spelling', async (t) => {
  const env = settings(t)
  const latchkey = commandIn(t, env)
  await latchkey(['users', 'add', 'alice'], password)

  const changed = await latchkey(['users', 'passwd', 'Alice'], 'a wholly different phrase')
  t.same(changed, { code: 0, out: 'Changed the password of alice, who is signed out everywhere.\n', err: '' })
  t.match(await latchkey(['users', 'passwd', 'alice'], 'short'), { code: 1, err: /^That password has 5/ })
  t.match(await latchkey(['users', 'passwd', 'alice'], 'passwordpassword'), {
    code: 1,
    err: /^That password is little more than common words/
  })

  const hash = await hashOf('alice', env)
  t.equal(await argon2.verify(hash, 'a wholly different phrase'), true)
})

test('users passwd refuses an unknown name before it reads a password', async (t) => {
  const child = start(['node', command, 'users', 'passwd', 'nobody'], settings(t))
  t.same(await outcome(child), { code: 1, out: '', err: 'There is no account called "nobody".\n' })
})

test('wrong usage exits with 2 and says what is wrong', async (t) => {
  const latchkey = commandIn(t)
  t.match(await latchkey(['users', 'add']), { code: 2, err: /missing required argument 'name'/ })
  t.match(await latchkey(['users', 'remov', 'x']), { code: 2, err: /unknown command 'remov'/ })
  t.match(await latchkey(['users', 'list', '--all']), { code: 2, err: /unknown option '--all'/ })
  t.match(await latchkey(['users', 'add', 'Ada', 'King']), { code: 2, err: /too many arguments/ })
  t.match(await latchkey([]), { code: 2, err: /Usage: latchkey/ })
})

test('help exits with 0 and shows an example', async (t) => {
  const latchkey = commandIn(t)
  t.match(await latchkey(['--help']), { code: 0, out: /Examples:\n {2}\$ latchkey users add alice/ })
  t.match(await latchkey(['users', 'add', '--help']), {
    code: 0,
    out: /latchkey users add alice < password\.txt/
  })
  t.match((await latchkey(['users', 'passwd', '--help'])).out, 'latchkey users passwd alice < password.txt')
  t.notMatch((await latchkey(['users', 'remove', '--help'])).out, 'password.txt', 'the command needs none')
  t.match((await latchkey(['users', 'remove', '--help'])).out, /owner reads it\s+too/)
  t.notMatch((await latchkey(['groups', 'remove', '--help'])).out, 'owner', 'a group has none who reads why')
})

test('a wrong setting and an unusable database are reported without a stack trace', async (t) => {
  const wrong = await commandIn(t, settings(t, { DATABASE_URL: 'mysql://x' }))(['users', 'list'])
  t.match(wrong, { code: 1, out: '', err: /DATABASE_URL is "mysql:\/\/x", it must be a file/ })
  const undecodable = { REDIS_URL: 'redis://:TOP%SECRET@host', SESSION_SECRET: 'a'.repeat(32) }
  t.match(await commandIn(t, settings(t, undecodable))(['sessions', 'list', 'alice']), {
    code: 1,
    out: '',
    err: /^Latchkey cannot run with these settings:\n {2}- REDIS_URL has a % that does not begin [^\n]+\n$/
  })
  const unusable = await commandIn(t, settings(t, { DATABASE_URL: 'file:/dev/null/x.db' }))(['users', 'list'])
  t.match(unusable, {
    code: 1,
    out: '',
    err: /DATABASE_URL is "file:\/dev\/null\/x\.db", which cannot be opened/
  })
  t.notMatch(wrong.err + unusable.err, /\n {4}at /)
})

test('a reader may close the pipe early', async (t) => {
  const child = start(['node', command, 'users', 'list'], settings(t))
  child.stdout.destroy()
  t.match(await outcome(child), { code: 0, err: '' })
})

test('at a terminal the password is asked for twice and never shown', { skip: noTerminal }, async (t) => {
  const { ended, answer } = atTerminal(t, ['users', 'add', 'alice'])
  await answer('Password:', `${password}\r`)
  await answer('Again:', `${password}\r`)

  const { code, out } = await ended
  t.equal(code, 0)
  t.match(out, 'Added alice.')
  t.notMatch(out, 'horse')
})

test('at a terminal two different passwords change nothing', { skip: noTerminal }, async (t) => {
  const env = settings(t)
  const { ended, answer } = atTerminal(t, ['users', 'add', 'alice'], env)
  await answer('Password:', `${password}\r`)
  await answer('Again:', 'correct horse battery stable\r')

  t.match(await ended, { code: 1, out: /The two passwords differ/ })
  t.match(await commandIn(t, env)(['users', 'list']), { out: /There are no accounts in / })
})

test('Ctrl-C at the prompt exits quietly with 130', { skip: noTerminal }, async (t) => {
  const { ended, answer } = atTerminal(t, ['users', 'add', 'alice'])
  await answer('Password:', '\x03')

  const { code, out } = await ended
  t.equal(code, 130)
  t.notMatch(out, /Error|force closed|\n {4}at /)
})

test('npx latchkey works in the checkout with any Node on the machine', async (t) => {
  const bare = Object.entries(settings(t)).filter(([name]) => !/^npm_|^NODE_OPTIONS$/i.test(name))
  const env = { ...Object.fromEntries(bare), PATH: pathWithoutPackages() }

  const { code, out, err } = await outcome(start(['npx', 'latchkey', 'users', 'list'], env, root))
  t.equal(code, 0, err)
  t.match(out, /^There are no accounts in \S+ yet\. Add the first one with "latchkey users add NAME"\.\n$/)
})

/** Runs the command at a pseudo-terminal, types when it asks, and returns all that the terminal showed. */
function atTerminal(t: Test, words: readonly string[], env = settings(t)) {
  const line = ['node', command, ...words].map((word) => `'${word}'`).join(' ')
  const child = start(['script', '-qec', line, '/dev/null'], { ...env, TERM: 'xterm' })
  const ended = outcome(child)
  const answer = (question: string, typed: string) =>
    new Promise<void>((resolve, reject) => {
      const neverAsked = ({ out }: Outcome) =>
        reject(new Error(`It ended without asking "${question}":\n${out}`))
      ended.then(neverAsked, reject)
      let shown = ''
      const type = (text: string) => {
        shown += text
        if (!shown.includes(question)) return
        child.stdout.off('data', type)
        child.stdin.write(typed, () => resolve())
      }
      child.stdout.on('data', type)
    })
  return { ended, answer }
}

async function hashOf(key: string, { DATABASE_URL = '' }: NodeJS.ProcessEnv): Promise<string> {
  const database = await openSqlite(DATABASE_URL.slice('file:'.length))
  const account = await new AccountsStore(database).find(key)
  await database.close()
  return account?.passwordHash ?? ''
}

function pathWithoutPackages(): string {
  const folders = process.env.PATH?.split(':') ?? []
  return folders
    .filter((folder) => !folder.includes('node_modules') && !folder.includes('node-gyp-bin'))
    .join(':')
}
