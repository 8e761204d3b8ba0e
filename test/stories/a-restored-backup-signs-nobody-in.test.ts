import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { alice, build, secret, Visitor } from '../build.ts'
import { commandIn, settings } from '../cli/command.ts'

const deploying = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8')
/** The commands of the chapter on backups. */
const [make = [], restore = []] = [...deploying.matchAll(/^npx latchkey ((?:backup|restore) .*)$/gm)].map(
  ([, words = '']) => words.split(' ')
)
const inFolder = (words: readonly string[], folder: string) =>
  words.map((word) => word.replace('/var/backups', folder))

t.test('a restored backup signs nobody in who has signed out, and has every account', async (t) => {
  const folder = t.testdir({ data: {} })
  const file = join(folder, 'data/latchkey.db')
  const env = { DATABASE_URL: `file:${file}`, SESSION_SECRET: secret }
  const command = commandIn(t, settings(t, env), folder)
  const service = await build(t, { env })
  await service.latchkey.accounts.add(alice)
  const visitor = new Visitor(service, 'program')
  await visitor.post('/login', alice)
  const cookies = { ...visitor.cookies }
  const source = new DatabaseSync(file)
  await backup(source, join(folder, 'by-sqlite.db'))
  source.close()
  t.match(await command(inFolder(make, folder)), { code: 0 })
  t.equal((await visitor.post('/logout')).statusCode, 200)
  await service.close()

  const visit = async () => {
    const app = await build(t, { env })
    const { statusCode } = await app.inject({ url: '/dashboard', cookies })
    const signIn = await new Visitor(app, 'program').post('/login', alice)
    await app.close()
    return [statusCode, signIn.statusCode]
  }
  t.match(await command([...inFolder(restore, folder), '--yes']), { code: 0, out: /Everybody is signed out/ })
  t.same(await visit(), [401, 200])

  copyFileSync(join(folder, 'by-sqlite.db'), file)
  t.same(await visit(), [401, 200], 'nor does a copy that was put back by hand')
})
