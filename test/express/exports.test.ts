import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import expressSession from 'express-session'
import t from 'tap'
import * as latchkey from '../../src/express/index.ts'

const names = ['Cookie', 'MemoryStore', 'Session', 'Store'] as const

t.test('import: session by name and as the default, and express-session’s classes', async (t) => {
  t.type(latchkey.session, 'function')
  t.equal(latchkey.default, latchkey.session)
  for (const name of names) t.equal(Reflect.get(latchkey, name), expressSession[name], name)
})

t.test('require: the function itself, with the classes as properties', async (t) => {
  const session = createRequire(import.meta.url)('../../src/express/index.ts')
  t.equal(session, latchkey.session)
  for (const name of names) t.equal(session[name], expressSession[name], name)
  for (const name of ['session', 'requireUser', 'signedIn', 'signIn', 'signOut', 'LatchkeyStore'])
    t.type(session[name], 'function', name)
})

t.test('Store: can be called without new, as older stores do', async (t) => {
  function OldStore(this: object) {
    Reflect.apply(latchkey.Store, this, [])
  }
  Object.setPrototypeOf(OldStore.prototype, latchkey.Store.prototype)
  const store = Reflect.construct(OldStore, [])
  t.ok(store instanceof latchkey.Store)
  const told = new Promise((resolve) => store.once('connect', resolve))
  store.emit('connect')
  await told
})

t.test('the classes are types too, for stores written in TypeScript', async (t) => {
  const store: latchkey.Store = new latchkey.MemoryStore()
  t.ok(store instanceof latchkey.Store)
})

t.test('Cookie: serializes the header', async (t) => {
  const cookie = Reflect.construct(latchkey.Cookie, [{ maxAge: 1000, sameSite: 'lax' }])
  t.match(cookie.serialize('name', 'value'), /^name=value; Path=\/; Expires=.+; HttpOnly; SameSite=Lax$/)
})

t.test('CONTRIBUTING.md runs the tests of the installed version of express-session', async (t) => {
  const { version } = createRequire(import.meta.url)('express-session/package.json')
  const said = readFileSync(join(import.meta.dirname, '../../CONTRIBUTING.md'), 'utf8')
  t.match(said, `--branch v${version} https://github.com/expressjs/session.git`)
})
