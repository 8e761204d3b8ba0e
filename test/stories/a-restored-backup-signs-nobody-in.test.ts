import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { alice, build, secret, Visitor } from '../build.ts'
import { commandIn, settings } from '../cli/command.ts'

const deploying = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8')
const [, restore = ''] = /To restore it[\s\S]+?```sh\n([\s\S]+?)```/.exec(deploying) ?? []
const [end = '', ...files] = restore.trim().split('\n').reverse()

t.test('a restored backup signs nobody in who has signed out, and has every account', async (t) => {
  const folder = t.testdir()
  const file = join(folder, 'latchkey.db')
  const env = { DATABASE_URL: `file:${file}`, SESSION_SECRET: secret }
  const service = await build(t, { env })
  await service.latchkey.accounts.add(alice)
  const visitor = new Visitor(service, 'program')
  await visitor.post('/login', alice)
  const cookies = { ...visitor.cookies }

  const source = new DatabaseSync(file)
  await backup(source, join(folder, 'latchkey-backup.db'))
  source.close()
  t.equal((await visitor.post('/logout')).statusCode, 200)
  await service.close()

  // As a killed service leaves them.
  for (const rest of ['-wal', '-shm']) writeFileSync(`${file}${rest}`, 'of the old file')
  const script = files.reverse().join('\n').replaceAll('/var/lib/latchkey', folder)
  execFileSync('sh', ['-ec', script], { cwd: folder })
  const dashboard = async () => {
    const app = await build(t, { env })
    const { statusCode } = await app.inject({ url: '/dashboard', cookies })
    await app.close()
    return statusCode
  }
  t.equal(await dashboard(), 401, 'the copy is noticed')
  const [, ...words] = end.replace(/^npx /, '').split(' ')
  t.match(await commandIn(t, settings(t, env))(words), {
    code: 0,
    out: /^Everybody is signed out: 0 sessions/
  })
  t.equal(await dashboard(), 401)

  const app = await build(t, { env })
  t.equal((await new Visitor(app, 'program').post('/login', alice)).statusCode, 200)
})
