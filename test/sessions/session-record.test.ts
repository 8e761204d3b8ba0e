import t from 'tap'
import { ConfigError } from '../../src/errors/errors.ts'
import { isLatchkeyField, type SessionRecord } from '../../src/sessions/session-record.ts'
import { readOptions } from '../../src/settings/options.ts'
import { alice, build, registerAlice, Visitor } from '../build.ts'

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0'
const nameless = 'Mozilla/5.0 (something that nobody knows)'

t.test('every field that signing in writes belongs to Latchkey, so keepAtSignIn refuses it', async (t) => {
  const records: SessionRecord[] = []
  const app = await build(t, {
    routes: (app) => {
      app.get('/record', async (request) => {
        records.push(JSON.parse(JSON.stringify(request.session)))
        return {}
      })
    }
  })
  await registerAlice(app)
  for (const userAgent of [firefox, nameless]) {
    const visitor = new Visitor(app, 'program')
    const headers = { 'user-agent': userAgent }
    await visitor.post('/login', { ...alice, remember: true }, { headers })
    await visitor.get('/record')
  }

  const fields = new Set(records.flatMap((record) => Object.keys(record)))
  t.same([...fields].sort(), [
    'account',
    'accountProofs',
    'accountRole',
    'address',
    'cookie',
    'device',
    'remember',
    'startedAt',
    'user',
    'userAgent'
  ])
  for (const field of fields) {
    t.ok(isLatchkeyField(field), field)
    t.throws(
      () => readOptions({ keepAtSignIn: [field] }),
      new ConfigError([`keepAtSignIn has ${field}, which belongs to Latchkey`])
    )
  }
})

t.test('any other key belongs to the application', async (t) => {
  for (const key of ['cart', 'role', 'User', '', 'toString', '__proto__']) t.notOk(isLatchkeyField(key), key)
})
