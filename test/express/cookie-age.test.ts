import { mock } from 'node:test'
import type { RequestHandler } from 'express'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/sqlite.ts'
import type { SessionOptions } from '../../src/express/session.ts'
import { LatchkeyStore } from '../../src/express/store/latchkey-store.ts'
import { Sessions } from '../../src/sessions/sessions.ts'
import { openSessionStore } from '../../src/sessions/stores/open-store.ts'
import { readConfig } from '../../src/settings/config.ts'
import { open } from './web.ts'

const second = 1000

/** An app with a cookie maxAge and a clock that only the test moves. */
async function openApp(t: Test, options: Partial<SessionOptions>, SESSION_CACHE: string) {
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  t.teardown(() => mock.timers.reset())
  const config = readConfig({ SESSION_CACHE })
  const database = await openSqlite(':memory:')
  // The clock of the process never goes back, and each test begins at the same time.
  const now = () => Date.now()
  const listener = { onLost: t.fail, onBack: t.fail }
  const sessions = new Sessions({
    store: await openSessionStore({ config, database, listener, now }),
    lifetimes: config.lifetimes,
    ids: 'hashed',
    now
  })
  const store = new LatchkeyStore(sessions, async () => {
    await sessions.close()
    await database.close()
  })
  const handler: RequestHandler = (req, res) => {
    if (req.path === '/enter') Object.assign(req.session, { user: 'alice' })
    res.send(Reflect.get(req.session, 'user') ?? 'nobody')
  }
  const { browser } = await open(t, { store, cookie: { maxAge: 30 * second }, ...options }, handler)
  const later = async (milliseconds: number) => {
    mock.timers.tick(milliseconds)
    return (await browser.get('/')).body
  }
  await browser.get('/enter')
  return { browser, later }
}

for (const cache of ['1000', '0']) {
  for (const rolling of [false, true]) {
    t.test(`a maxAge of 30 s, SESSION_CACHE ${cache}, rolling ${rolling}`, async (t) => {
      const { later } = await openApp(t, { rolling }, cache)
      for (let use = 0; use < 20; use += 1) t.equal(await later(10 * second), 'alice')
      // A session is touched at most every tenth of its maxAge.
      t.equal(await later(33 * second), 'nobody')
    })
  }
}

t.test('rolling: true sends the cookie again at every use', async (t) => {
  const { browser } = await openApp(t, { rolling: true }, '1000')
  const [cookie = ''] = (await browser.get('/')).cookies
  const [, expires = ''] = /; Expires=([^;]+)/.exec(cookie) ?? []
  const left = new Date(expires).getTime() - new Date().setMilliseconds(0)
  t.equal(left, 30 * second)
})
