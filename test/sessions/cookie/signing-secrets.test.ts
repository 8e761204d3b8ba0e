import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { signingSecrets } from '../../../src/sessions/cookie/signing-secrets.ts'
import { readConfig } from '../../../src/settings/config.ts'
import { moduleUrl, runAtOnce } from '../../processes.ts'

const given = ['a'.repeat(32), 'b'.repeat(32)]

function beside(folder: string) {
  return readConfig({ DATABASE_URL: `file:${join(folder, 'latchkey.db')}` })
}

t.test('SESSION_SECRET is used as given and no file is written', async (t) => {
  const folder = t.testdir({})
  t.same(signingSecrets({ ...beside(folder), sessionSecrets: given }), given)
  t.same(readdirSync(folder), [])
})

t.test('without it a secret is created beside the database, readable only by its owner', async (t) => {
  const folder = t.testdir({})
  const [secret = ''] = signingSecrets(beside(folder))
  t.match(secret, /^[0-9a-f]{64}$/)
  t.same(readdirSync(folder), ['session.secret'])
  t.equal(statSync(join(folder, 'session.secret')).mode & 0o777, 0o600)
  t.equal(readFileSync(join(folder, 'session.secret'), 'utf8').trim(), secret)
  t.same(signingSecrets(beside(folder)), [secret])
})

t.test('a byte order mark and other line ends in the file are ignored', async (t) => {
  const folder = t.testdir({ 'session.secret': `\uFEFF${given[0]}\r\n` })
  t.same(signingSecrets(beside(folder)), [given[0]])
})

t.test('every database has its own secret', async (t) => {
  t.notSame(
    signingSecrets(beside(t.testdir({}))),
    signingSecrets(readConfig({ DATABASE_URL: 'file::memory:' }))
  )
})

t.test('a database in memory gets a new secret at every start', async (t) => {
  const inMemory = readConfig({ DATABASE_URL: 'file::memory:' })
  t.chdir(t.testdir({}))
  const [one = ''] = signingSecrets(inMemory)
  t.match(one, /^[0-9a-f]{64}$/)
  t.notSame(signingSecrets(inMemory), [one])
  t.same(readdirSync('.'), [])
})

t.test('a truncated file is a ConfigError that says what to do', async (t) => {
  const folder = t.testdir({ 'session.secret': 'short\n' })
  t.throws(() => signingSecrets(beside(folder)), {
    code: 'LATCHKEY_CONFIG',
    faults: [
      `${join(folder, 'session.secret')} has 5 characters, it needs 32 or more: remove it, and a new one is created`
    ]
  })
  t.equal(readFileSync(join(folder, 'session.secret'), 'utf8'), 'short\n')
})

t.test('an invalid file is not replaced', async (t) => {
  const folder = t.testdir({ 'session.secret': {} })
  t.throws(() => signingSecrets(beside(folder)), { message: /session\.secret|EISDIR/ })
  t.ok(statSync(join(folder, 'session.secret')).isDirectory())
})

t.test('processes that start at once agree on one secret', async (t) => {
  for (let round = 0; round < 3; round++) {
    const folder = t.testdir({})
    const secrets = await runAtOnce(4, {
      prepare: `import { readConfig } from ${moduleUrl('src/settings/config.ts')}
        import { signingSecrets } from ${moduleUrl('src/sessions/cookie/signing-secrets.ts')}`,
      act: `console.log(signingSecrets(readConfig({
        DATABASE_URL: ${JSON.stringify(`file:${join(folder, 'latchkey.db')}`)}
      })).join())`
    })
    t.equal(new Set(secrets).size, 1)
    t.same(readdirSync(folder), ['session.secret'])
  }
})

t.test('an unreadable file is a ConfigError that names it', async (t) => {
  const folder = t.testdir({ 'session.secret': {} })
  t.throws(() => signingSecrets(beside(folder)), {
    code: 'LATCHKEY_CONFIG',
    message: /session\.secret cannot be read/
  })
})

t.test('a broken link is a ConfigError, and nothing is left beside it', async (t) => {
  const folder = t.testdir({ 'session.secret': t.fixture('symlink', 'nowhere') })
  t.throws(() => signingSecrets(beside(folder)), { code: 'LATCHKEY_CONFIG', message: /is a broken link/ })
  t.same(readdirSync(folder), ['session.secret'])
})
