import { test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import { newAccountId } from '../../src/identity/account-id.ts'
import { commandIn, password, settings } from './command.ts'

/** Every control character (C0, DEL, C1) but NUL, which no argument can contain, a line separator and a direction override. */
const strange = `${String.fromCharCode(...range(1, 0x1f), ...range(0x7f, 0x9f))}\u2028\u202e`
const name = `mallory${strange}`
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

test('nothing that a terminal would obey leaves the command, as text or as JSON', async (t) => {
  const env = settings(t)
  const latchkey = commandIn(t, env)
  await latchkey(['users', 'add', 'alice'], password)
  await plant(String(env.DATABASE_URL))
  const ofSessions = await latchkey(['sessions', 'list', name, '--json'])
  t.equal(JSON.parse(ofSessions.out).browser, name, 'a program gets what is stored')
  const { out } = await latchkey(['sessions', 'list', name])
  t.equal(out.trim().split('\n').length, 2, 'a line for the heading, one for the session')
  const odd = JSON.stringify({ ...JSON.parse(await exported()), name, role: name })
  const runs: [words: string[], input?: string][] = [
    [['users', 'list']],
    [['users', 'add', name], password],
    [['users', 'passwd', name], password],
    [['users', 'enable', name]],
    [['users', 'disable', name]],
    [['users', 'grant', name]],
    [['users', 'remove', name]],
    [['users', name]],
    [['users', 'list', `--${name}`]],
    [['sessions', 'list', name]],
    [['sessions', 'list', `${name} nobody`]],
    [['sessions', 'end', name]],
    [['sessions', 'end', name, '--all']],
    [['audit', 'tail']],
    [['audit', 'tail', '--name', name]],
    [['audit', 'tail', '-n', name]],
    [['accounts', 'import'], odd],
    [['accounts', 'import'], `{ "name": ${JSON.stringify(name)}, ${name}`],
    [['accounts', 'export']],
    [['settings']],
    [[name]]
  ]
  for (const [words, input = ''] of runs) {
    for (const json of [[], ['--json']]) {
      const { out, err } = await latchkey([...words, ...json], input)
      const title = [...words.map((word) => word.replace(name, 'NAME')), ...json].join(' ')
      t.ok(out || err, title)
      t.notMatch(`${out}${err}`.replaceAll('\n', ''), obeyed, title)
      if (json.length > 0) for (const line of out.trim().split('\n')) if (line) JSON.parse(line)
    }
  }

  t.match(
    (await latchkey(['users', 'enable', 'two\nlines'])).err,
    /^There is no account called "two\\u\{a\}lines"\.\n$/
  )

  async function exported() {
    return (await latchkey(['accounts', 'export'])).out.split('\n')[0] ?? ''
  }
})

/** What an app with its own users, another version or a restored backup may have stored. */
async function plant(url: string): Promise<void> {
  const { sqlite, close } = await openSqlite(url.replace('file:', ''))
  const now = Date.now()
  const record = {
    cookie: {},
    user: name,
    startedAt: now,
    seenAt: now,
    device: { userAgent: name },
    userAgent: name
  }
  sqlite
    .prepare('INSERT INTO sessions (key, record, owner, expires_at) VALUES (?, ?, ?, ?)')
    .run('key', JSON.stringify(record), `name:${name}`, now + 600_000)
  sqlite
    .prepare("INSERT INTO audit (id, at, event, name, address, session) VALUES ('1', ?, ?, ?, ?, ?)")
    .run(now, 'sign-in', name, name, name)
  sqlite
    .prepare(
      "INSERT INTO accounts (id, key, name, password_hash, version, created_at, role, skeleton, key_skeleton) VALUES (?, ?, ?, ?, 1, ?, ?, '', '')"
    )
    .run(newAccountId(), 'mallory', name, `$argon2id$${name}`, now, 'user')
  await close()
}
