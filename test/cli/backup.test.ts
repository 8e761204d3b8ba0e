import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { services } from '../../src/open-services.ts'
import { alice, build, registerAlice, secret, Visitor } from '../build.ts'
import { waysToRefuse } from '../servers/unwritable-disk.ts'
import { commandIn, processIn, settings } from './command.ts'

function place(t: Test) {
  const folder = t.testdir({ data: {} })
  const file = join(folder, 'data/latchkey.db')
  const env = { DATABASE_URL: `file:${file}`, SESSION_SECRET: secret }
  return { folder, file, env, copy: join(folder, 'copy.db'), run: commandIn(t, settings(t, env)) }
}

/** A service in which alice is signed in. */
async function running(t: Test, env: Record<string, string>) {
  const app = await build(t, { env })
  return { app, visitor: await registerAlice(app, 'program') }
}

const statusOf = async (visitor: Visitor) => (await visitor.get('/api/session')).statusCode

t.test('a backup is made while the service writes, by and for its owner alone', async (t) => {
  const { env, copy, file } = place(t)
  const { app, visitor } = await running(t, env)
  let isDone = false
  const writes = (async () => {
    let count = 0
    for (; !isDone; count++) {
      await turn()
      await app[services].audit.record({ event: 'proof', name: 'alice' })
    }
    return count
  })()
  const made = await processIn(t, settings(t, env))(['backup', copy])
  isDone = true
  t.ok((await writes) > 0)
  t.match(made, { code: 0, out: `Copied ${file} to ${copy}.\n`, err: '' })
  t.equal(statSync(copy).mode & 0o777, 0o600)
  t.same(
    readdirSync(join(copy, '..')).filter((name) => name.startsWith('copy.db')),
    ['copy.db'],
    'one file'
  )
  const database = new DatabaseSync(copy, { readOnly: true })
  t.match(database.prepare('SELECT name FROM accounts').all(), [{ name: 'alice' }])
  database.close()
  t.equal(await statusOf(visitor), 200)
})

t.test('a backup replaces a file only when it is asked to', async (t) => {
  const { env, copy, run, file } = place(t)
  await running(t, env)
  writeFileSync(copy, 'of somebody')
  t.match(await run(['backup', copy]), {
    code: 1,
    err: `${copy} exists already. To replace it, add --overwrite.\n`
  })
  t.equal(readFileSync(copy, 'utf8'), 'of somebody')
  t.match(await run(['backup', copy, '--overwrite']), { code: 0 })
  t.match(readFileSync(copy, 'latin1'), /^SQLite format 3/)
  for (const own of [file, `${file}-wal`, `${file}.mark`])
    t.match(await run(['backup', own, '--overwrite']), { code: 1, err: /belongs to the database itself/ })
})

t.test('a restored backup has the accounts, and everybody is signed out', async (t) => {
  const { env, copy, run, file } = place(t)
  const { app, visitor } = await running(t, env)
  await run(['backup', copy])
  await app.latchkey.accounts.add({ username: 'bob', password: 'a later account of bob' })
  await visitor.post('/logout')
  const stillIn = new Visitor(app, 'program')
  await stillIn.post('/login', alice)
  await app.close()
  const { out, ...outcome } = await processIn(t, settings(t, env))(['restore', copy, '--yes'])
  t.match(outcome, { code: 0, err: '' })
  const [, replaced = ''] =
    /^Restored .* Everybody is signed out\. The replaced database is (\S+)\.\n$/.exec(out) ?? []
  t.equal(statSync(file).mode & 0o777, 0o600)

  const restored = await build(t, { env })
  for (const { cookies } of [visitor, stillIn]) {
    const again = Object.assign(new Visitor(restored, 'program'), { cookies: { ...cookies } })
    t.equal(await statusOf(again), 401)
  }
  t.match(await run(['users', 'list', '--json']), { out: /^{"name":"alice".*}\n$/ })
  t.equal((await new Visitor(restored, 'program').post('/login', alice)).statusCode, 200)
  const old = new DatabaseSync(replaced)
  t.match(old.prepare('SELECT name FROM accounts ORDER BY name').all(), [{ name: 'alice' }, { name: 'bob' }])
  old.close()
})

t.test('a service that has the file open is not disturbed', async (t) => {
  const { env, copy, run, file } = place(t)
  const { visitor, app } = await running(t, env)
  await run(['backup', copy])
  const { ino } = statSync(file)
  const refused = {
    code: 1,
    err: `Another process has ${file} open: stop the service first. Nothing was changed.\n`
  }
  t.match(await run(['restore', copy, '--yes']), refused)
  t.equal(await statusOf(visitor), 200)
  t.equal(statSync(file).ino, ino)
  t.same(
    readdirSync(join(file, '..')).filter((name) => /restoring|replaced/.test(name)),
    []
  )
  await app.close()
  t.match(await run(['restore', copy, '--yes']), { code: 0 })
})

t.test('a log beside the database is never replayed into the restored one', async (t) => {
  const { env, copy, run, file } = place(t)
  const { app } = await running(t, env)
  await run(['backup', copy])
  const other = new DatabaseSync(file)
  t.teardown(() => other.isOpen && other.close())
  other.exec("UPDATE accounts SET name = 'mallory'")
  // As a killed service leaves them.
  for (const rest of ['-wal', '-shm']) copyFileSync(file + rest, `${copy}.left${rest}`)
  other.close()
  await app.close()
  for (const damage of [false, true]) {
    if (!damage) for (const rest of ['-wal', '-shm']) copyFileSync(`${copy}.left${rest}`, file + rest)
    if (damage) writeFileSync(file, 'no database at all')
    const { code, out, err } = await run(['restore', copy, '--yes'])
    t.equal(code, 0, err)
    const [, replaced = ''] = /The replaced database is (\S+)\./.exec(out) ?? []
    if (damage) t.equal(readFileSync(replaced, 'utf8'), 'no database at all')
    t.match(await run(['users', 'list', '--json']), { out: /^{"name":"alice".*}\n$/ })
  }
})

t.test('nothing is touched for a file that is not a whole database of ours', async (t) => {
  const { env, copy, run, file, folder } = place(t)
  const { app } = await running(t, env)
  await run(['backup', copy])
  await app.close()
  const at = (name: string) => join(folder, name)
  const changed = (name: string, sql: string) => {
    copyFileSync(copy, at(name))
    const database = new DatabaseSync(at(name))
    database.exec(sql)
    database.close()
  }
  writeFileSync(at('empty.db'), '')
  writeFileSync(at('text.db'), 'accounts of alice'.repeat(100))
  new DatabaseSync(at('recipes.db')).exec('CREATE TABLE recipes (name)')
  changed('newer.db', "INSERT INTO latchkey_migration VALUES ('0999-later@9.9.9', '2027-01-01')")
  changed('live.db', 'CREATE TRIGGER stays BEFORE DELETE ON sessions BEGIN SELECT RAISE(IGNORE); END')
  copyFileSync(copy, at('short.db'))
  truncateSync(at('short.db'), statSync(copy).size - 8192)
  copyFileSync(copy, at('split.db'))
  writeFileSync(at('split.db-wal'), 'a log')
  const faults: Record<string, RegExp> = {
    'missing.db': /^There is no file /,
    data: /^There is no file /,
    'empty.db': /is empty: it is no backup of Latchkey\.$/m,
    'text.db': /is not a database\.$/m,
    'recipes.db': /contains the tables of another program \(recipes\)/,
    'newer.db': /was created by Latchkey 9\.9\.9 or newer/,
    'live.db': /has triggers or views that are not Latchkey's: it was changed\.$/m,
    'short.db': /is damaged: /,
    'split.db': /Part of .*split\.db is in .*split\.db-wal/,
    'data/latchkey.db': /belongs to the database itself/
  }
  const before = readdirSync(at('data')).sort()
  const { ino, mtimeMs } = statSync(file)
  for (const [name, err] of Object.entries(faults))
    t.match(await run(['restore', at(name), '--yes']), { code: 1, out: '', err }, name)
  const unasked = { code: 1, err: /^There is no file / }
  t.match(await run(['restore', at('missing.db')]), unasked, 'it says so before it asks')
  t.same(readdirSync(at('data')).sort(), before)
  t.match(statSync(file), { ino, mtimeMs })
})

t.test('what cannot be done is said in a sentence', async (t) => {
  const { env, copy, run, folder } = place(t)
  t.match(await run(['backup', copy]), { code: 1, err: /^There is no database / })
  const { app } = await running(t, env)
  t.match(await run(['backup', join(folder, 'nowhere/copy.db')]), {
    code: 1,
    err: /^There is no folder .*nowhere\.$/m
  })
  t.equal(existsSync(copy), false)
  t.match(await run(['backup', folder, '--overwrite']), { code: 1, err: /is a folder\.$/m })
  await run(['backup', copy])
  await app.close()
  t.match(await run(['restore', copy]), { code: 1, err: /To confirm, add --yes\.$/m }, 'it asks')
  for (const words of [
    ['backup', copy],
    ['restore', copy, '--yes']
  ]) {
    const elsewhere = commandIn(
      t,
      settings(t, {
        DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x',
        REDIS_URL: 'redis://127.0.0.1:1',
        SESSION_SECRET: secret
      })
    )
    t.match(await elsewhere(words), {
      code: 1,
      err: /PostgreSQL.*pg_(dump|restore).*latchkey sessions end --all/
    })
    const inMemory = commandIn(t, settings(t, { DATABASE_URL: 'file::memory:', SESSION_SECRET: secret }))
    t.match(await inMemory(words), { code: 1, err: /there is no file/ })
  }
})

t.test('it restores where there is no database yet, such as on a new machine', async (t) => {
  const { env, copy, run, folder } = place(t)
  const { app } = await running(t, env)
  await run(['backup', copy])
  await app.close()
  const file = join(folder, 'new/latchkey.db')
  const there = commandIn(t, settings(t, { ...env, DATABASE_URL: `file:${file}` }))
  t.match(await there(['restore', copy, '--yes']), { code: 0, out: /Everybody is signed out\.\n$/, err: '' })
  t.match(await there(['users', 'list', '--json']), { out: /^{"name":"alice".*}\n$/, err: '' })
})

/** Needs root. */
for (const { prepare } of waysToRefuse.filter(
  ({ title, isPossible }) => title === 'a full disk' && isPossible
)) {
  t.test('a full disk is said to be full, and keeps no part of a backup', async (t) => {
    const { env, run, copy } = place(t)
    const { app } = await running(t, env)
    await run(['backup', copy])
    await app.close()
    const disk = await prepare(t)
    disk.refuse()
    const full = join(disk.folder, 'copy.db')
    t.match(await run(['backup', full]), {
      code: 1,
      err: `The disk of ${full} is full. Nothing was changed.\n`
    })
    t.equal(existsSync(full), false)
    const file = join(disk.folder, 'latchkey.db')
    const there = commandIn(t, settings(t, { ...env, DATABASE_URL: `file:${file}` }))
    t.match(await there(['restore', copy, '--yes']), { code: 1, err: /is full\. Nothing was changed\.$/m })
    t.equal(existsSync(file), false)
  })
}
