import { copyFileSync, cpSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AccountsStore } from '../../src/accounts/accounts-store.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { SqliteStore } from '../../src/sessions/stores/sqlite-store.ts'
import { patience } from '../servers/patience.ts'

const day = 24 * 3_600_000
const expiresAt = Date.now() + day

async function open(t: Test, file: string) {
  const database = await openSqlite(file, patience)
  const store = new SqliteStore(database.sqlite)
  const accounts = new AccountsStore(database)
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    await store.close()
    await database.close()
  }
  t.teardown(close)
  const add = (key: string, owner?: string) => store.create(key, { text: '{}', expiresAt, owner })
  const mark = () =>
    Math.max(
      ...readFileSync(`${file}.mark`, 'latin1')
        .split('\n')
        .map((line) => Number.parseInt(line, 10) || 0)
    )
  return { ...database, store, accounts, add, mark, close }
}

t.test('a mark that cannot be opened or written stops the start with a sentence', async (t) => {
  const folder = t.testdir({ 'folder.db.mark': {}, 'full.db.mark': t.fixture('symlink', '/dev/full') })
  for (const name of ['folder', 'full'])
    await t.rejects(openSqlite(join(folder, `${name}.db`), patience), {
      message: /whose mark cannot be written: Error: (EISDIR|ENOSPC)/
    })
})

t.test('every ending is in the mark when it is answered', async (t) => {
  const { store, accounts, add, mark, sqlite } = await open(t, `${t.testdir()}/latchkey.db`)
  await accounts.insert({ name: 'Alice', key: 'alice', passwordHash: '$argon2id$' })
  for (const key of ['one', 'other', 'third', 'given', 'last']) await add(key, 'alice')
  const ends: Record<string, () => Promise<unknown>> = {
    'a sign-out': () => store.revoke('one'),
    'one of a list': () => store.revokeOf('alice', 'other'),
    'all others': () => store.revokeSome('alice', 'given'),
    'signed out by the app': () =>
      store.update('given', {
        from: '{}',
        to: '{"a":1}',
        ownerChange: { from: 'alice', to: undefined, expiresAt }
      }),
    'a changed account': () => accounts.disable('alice'),
    'a removed account': () => accounts.remove('alice')
  }
  for (const [what, end] of Object.entries(ends)) {
    const before = mark()
    await end()
    t.ok(mark() > before, what)
    t.equal(mark(), sqlite.prepare('SELECT ended FROM ledger').get()?.ended, what)
  }
})

t.test('what ends by itself does not count', async (t) => {
  const { store, add, mark } = await open(t, `${t.testdir()}/latchkey.db`)
  await add('visitor')
  await store.revoke('visitor')
  await store.create('over', { text: '{}', expiresAt: Date.now() - 1, owner: 'alice' })
  await store.sweep()
  t.equal(mark(), 0)
})

/** What was done to a file whose service had signed somebody out since it was copied. */
const ways: Record<string, { change: (folder: string) => void; says: RegExp | undefined }> = {
  nothing: { change: () => {}, says: undefined },
  'the folder was renamed': {
    change: (folder) => {
      renameSync(`${folder}/data`, `${folder}/moved`)
      renameSync(`${folder}/moved`, `${folder}/data`)
    },
    says: undefined
  },
  'the file was written back, into the same inode': {
    change: (folder) => {
      truncateSync(`${folder}/data/latchkey.db`)
      copyFileSync(`${folder}/copy/latchkey.db`, `${folder}/data/latchkey.db`)
    },
    says: /which is an older copy: everybody is signed out/
  },
  'the file was put in its place': {
    change: (folder) => {
      copyFileSync(`${folder}/copy/latchkey.db`, `${folder}/new.db`)
      renameSync(`${folder}/new.db`, `${folder}/data/latchkey.db`)
    },
    says: /which was copied here: everybody is signed out/
  },
  'the folder was put in its place, with the mark': {
    change: (folder) => {
      rmSync(`${folder}/data`, { recursive: true })
      cpSync(`${folder}/copy`, `${folder}/data`, { recursive: true })
    },
    says: /which was copied here: everybody is signed out/
  },
  'the mark was removed': {
    change: (folder) => rmSync(`${folder}/data/latchkey.db.mark`),
    says: /which was copied here: everybody is signed out/
  },
  'the mark says nothing': {
    change: (folder) => writeFileSync(`${folder}/data/latchkey.db.mark`, `\0\n-1 1 1 1\n${'9'.repeat(99)}`),
    says: /which was copied here: everybody is signed out/
  },
  'the mark is that of another file': {
    change: (folder) => writeFileSync(`${folder}/data/latchkey.db.mark`, '0 1 1 1\n'),
    says: /which was copied here: everybody is signed out/
  },
  'the mark is further than the file can be': {
    change: (folder) => {
      const mark = `${folder}/data/latchkey.db.mark`
      writeFileSync(mark, readFileSync(mark, 'latin1').replace(/^\d+/, '9'.repeat(15)))
    },
    says: /which is an older copy: everybody is signed out/
  }
}

for (const [what, { change, says }] of Object.entries(ways)) {
  t.test(`the next start notices a copy: ${what}`, async (t) => {
    const folder = t.testdir({ data: {}, copy: {} })
    const file = join(folder, 'data/latchkey.db')
    const before = await open(t, file)
    for (const key of ['ended', 'open']) await before.add(key, 'alice')
    await before.close()
    cpSync(`${folder}/data`, `${folder}/copy`, { recursive: true })
    const since = await open(t, file)
    t.same(since.warnings, [])
    await since.store.revoke('ended')
    await since.close()

    change(folder)
    const { store, warnings, close } = await open(t, file)

    t.equal(await store.load('ended'), undefined)
    t.equal((await store.load('open')) !== undefined, says === undefined)
    if (says) t.match(warnings, [says])
    else t.same(warnings, [])
    await close()
    t.same((await open(t, file)).warnings, [], 'it is noticed once')
  })
}
