import { test } from 'tap'
import { toLine } from '../../src/accounts/account-lines.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { KeyRing } from '../../src/encryption/key-ring.ts'
import { newSeed } from '../../src/factors/one-time-codes.ts'
import type { MailData } from '../../src/mail/message.ts'
import { placeOfMail } from '../../src/mail/outbox.ts'
import { services } from '../../src/open-services.ts'
import type { Environment } from '../../src/settings/environment.ts'
import { alice, build, secret, Visitor } from '../build.ts'
import { codeOf } from '../factors/examples.ts'
import { startRedis } from '../servers/redis.ts'
import { emptyDatabase } from '../servers/shared-postgres.ts'
import { steadyNow } from '../servers/true-clock.ts'
import { commandIn, settings } from './command.ts'

test('a service moves from the embedded database to PostgreSQL, and everybody can still sign in', async (t) => {
  const from = commandIn(t)
  await from(['users', 'add', 'alice', '--admin'], alice.password)
  await from(['users', 'add', 'Bøb'], alice.password)
  await from(['users', 'disable', 'bøb'])
  await from(['users', 'add', 'carol'], alice.password)
  await from(['users', 'rename', 'carol', 'Caroline'])
  const exported = await from(['accounts', 'export'])
  t.equal(exported.out.trim().split('\n').length, 3)
  t.notMatch(exported.out, alice.password)

  const [database, redis] = await Promise.all([emptyDatabase(t), startRedis(t)])
  const env = {
    DATABASE_URL: database,
    REDIS_URL: redis.url,
    SESSION_SECRET: secret,
    PASSWORD_HASH: 'm=12288,t=3,p=1'
  }
  const to = commandIn(t, settings(t, env))
  const broken = await to(['accounts', 'import'], exported.out.replace('admin', 'root'))
  t.match(broken, { code: 1, out: '', err: /^Nothing was imported.\nLine 1 is not an account: "role"/ })
  t.same(await to(['accounts', 'import'], exported.out), { code: 0, out: 'Imported 3 accounts.\n', err: '' })
  t.equal((await to(['accounts', 'export'])).out, exported.out)

  const app = await build(t, { env })
  const program = new Visitor(app, 'program')
  t.equal((await program.post('/login', alice)).statusCode, 200)
  t.match((await program.post('/login', { ...alice, username: 'bøb' })).json(), { status: 401 })
  const again = await to(['accounts', 'import'], exported.out)
  t.match(again, {
    code: 1,
    err: 'Nothing was imported. The name or the e-mail address of these accounts is taken: alice, Bøb, Caroline. To skip them, add --skip-taken.\n'
  })
  const skipping = await to(['accounts', 'import', '--skip-taken', '--json'], exported.out)
  t.same(JSON.parse(skipping.out), { added: 0, taken: ['alice', 'Bøb', 'Caroline'] })
  t.match((await to(['users', 'add', 'carol'], alice.password)).err, /^"carol" was the name of Caroline,/)
  await to(['users', 'rename', 'caroline', 'lina'])
  t.match((await to(['accounts', 'import', '--skip-taken'], exported.out)).code, 0, 'the same account')
  const [line = ''] = exported.out.split('\n')
  t.match(await to(['accounts', 'import'], line.replace('"alice"', '"dora"')), {
    code: 1,
    err: /^Nothing was imported\. An id belongs to one account for good.*\ndora has the id of alice\.\n$/
  })
})

test('a byte order mark before a password or before accounts is ignored', async (t) => {
  const env = settings(t)
  const latchkey = commandIn(t, env)
  t.match(await latchkey(['users', 'add', 'alice'], `\uFEFF${alice.password}\r\n`), { code: 0, err: '' })
  const { out } = await latchkey(['accounts', 'export'])
  t.match(await latchkey(['accounts', 'import', '--skip-taken'], `\uFEFF${out}`), { code: 0, err: '' })
  const app = await build(t, { env: { ...env, PASSWORD_HASH: 'm=12288,t=3,p=1' } })
  t.equal((await new Visitor(app, 'program').post('/login', alice)).statusCode, 200)
})

test('one-time codes and former addresses are sealed for the other database, or left out', async (t) => {
  const [oldKey, newKey] = ['old', 'new'].map((name) => name.repeat(11)) as [string, string]
  const source = settings(t, { DATA_KEYS: oldKey, MAIL_URL: 'smtp://127.0.0.1:9' })
  const app = await build(t, { env: source })
  const seed = newSeed()
  await app.latchkey.accounts.add(alice)
  const { accounts, addresses, factors } = app[services]
  const { id } = await accounts.find('alice').then((account) => account!)
  const code = codeOf(seed, steadyNow())
  await factors.addCodes((await accounts.findById(id))!, { seed, code })
  const listed = (await commandIn(t, source)(['users', 'factors', 'ALICE', '--json'])).out
  t.match(JSON.parse(listed), { kind: 'codes', name: null, createdAt: /^2/, usedAt: null, removedAt: null })
  await addresses.set(id, 'alice@example.org', {})
  await addresses.remove((await accounts.findById(id))!, {})
  const { url } = await mailedTo(source, oldKey)
  const { out } = await commandIn(t, source)(['accounts', 'export'])
  t.notMatch(out, /alice@example\.org|token/, 'sealed, and of the link only a hash')

  const left = (await commandIn(t, source)(['accounts', 'export', '--without-factors'])).out
  const { formerAddresses, ...line } = JSON.parse(left)
  t.same(line, JSON.parse(toLine({ ...(await accounts.findById(id))! })))
  t.match(formerAddresses, { told: [{}], waysBack: [{}] })

  const target = (dataKeys: string) => commandIn(t, { ...settings(t), DATA_KEYS: dataKeys })
  const refused = await target(newKey)(['accounts', 'import'], out)
  t.match(refused, { code: 1, out: '', err: /codes whose key is not in DATA_KEYS: alice\. Add the key/ })
  const without = target(newKey)
  t.match(await without(['accounts', 'import', '--without-factors'], out), {
    ...{ code: 0, out: /^Imported 1 accounts\. Former addresses of alice were left out: their key is not in/ }
  })
  t.match((await without(['users', 'list', '--json'])).out, '"secondFactors":0')
  t.match(await target(newKey)(['accounts', 'import'], out.replace(/"id":"[^"]+",/, '')), {
    code: 1,
    err: /Line 1 has second factors, and no id\./
  })

  const moved = settings(t, { DATA_KEYS: `${newKey},${oldKey}` })
  t.match(await commandIn(t, moved)(['accounts', 'import'], out), { code: 0, err: '' })
  const there = await build(t, { env: { ...moved, DATA_KEYS: newKey } })
  t.equal(await there[services].factors.takeCode(id, code), 'used', 'it can be read with the new key alone')
  const undone = await there[services].addresses.undo(new URL(url ?? '').searchParams.get('token') ?? '', {})
  t.match(undone, { account: { email: 'alice@example.org' } }, 'the way back works there too')
})

/** What the only mail that waits is filled in with. */
async function mailedTo({ DATABASE_URL = '' }: Environment, key: string): Promise<MailData> {
  const { sql, close } = await openSqlite(DATABASE_URL.replace('file:', ''), 1000)
  const { id, data } = await sql.selectFrom('outbox').select(['id', 'data']).executeTakeFirstOrThrow()
  await close()
  return JSON.parse(new KeyRing([key]).open(data ?? '', placeOfMail('data', id)) ?? '')
}
