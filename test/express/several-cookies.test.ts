import express from 'express'
import t, { type Test } from 'tap'
import { LatchkeyStore, MemoryStore, type Store, signOut } from '../../src/express/index.ts'
import type { SessionOptions } from '../../src/express/session.ts'
import { CookieJar } from '../cookie-jar.ts'
import { Browser, keepers, makeSession, serve } from './web.ts'

const host = 'app.example.org'
const page = { host, 'sec-fetch-mode': 'navigate' }

/** Apps with one store, each with its own cookie options, and a jar that tells cookies apart as browsers do. */
async function open(t: Test, keeper: Partial<SessionOptions>, ...domains: (string | undefined)[]) {
  const { store } = makeSession(t, keeper)
  const ask: ((path: string, headers?: Record<string, string>) => Promise<string>)[] = []
  const jar = new CookieJar(host)
  for (const domain of domains) {
    const app = express()
    app.use(makeSession(t, { store: sharing(store), cookie: { ...(domain && { domain }) } }))
    app.get('/login/:user', (req, res) =>
      req.session.regenerate(() => {
        Object.assign(req.session, { user: req.params.user })
        res.end()
      })
    )
    app.get('/who', (req, res) => void res.send(Reflect.get(req.session, 'user') ?? 'nobody'))
    app.get('/set/:json', (req, res) => {
      Object.assign(req.session, JSON.parse(req.params.json))
      res.end()
    })
    app.get('/all', (req, res) => {
      const { cookie, startedAt, ...own } = req.session as { cookie: unknown; startedAt?: number }
      res.send(own)
    })
    app.get('/end', (req, res) => req.session.destroy(() => void res.send('ended')))
    app.get('/logout', (req, res, next) => void signOut(req).then(() => res.end(), next))
    const browser = new Browser(await serve(t, app))
    ask.push(async (path, headers = page) => {
      const cookie = jar.header()
      const { body, cookies } = await browser.get(path, { ...headers, ...(cookie && { cookie }) })
      jar.take(cookies)
      browser.jar.clear()
      return body
    })
  }
  const [first, second] = ask
  if (!first || !second) throw new Error('Two apps')
  const signInTwice = async (one: string, other: string, isFirst = true) => {
    await first(`/login/${one}`)
    const [older] = jar.cookies.splice(0)
    await second(`/login/${other}`)
    if (older) jar.put(older, isFirst)
  }
  return { first, second, jar, signInTwice }
}

/** Another store with the same sessions: each middleware sets how its store makes new ones. */
function sharing(store: Store): Store {
  if (store instanceof LatchkeyStore) return new LatchkeyStore(store.sessions, async () => {})
  return Object.assign(new MemoryStore(), { sessions: Reflect.get(store, 'sessions') })
}

for (const [name, keeper] of Object.entries(keepers)) {
  for (const [before, after] of [
    ['example.org', undefined],
    [undefined, 'example.org'],
    ['example.org', host]
  ] as const) {
    const what = `with ${name}, cookie.domain changed from ${before} to ${after}`
    t.test(`${what}: the living session counts, and its cookie stays alone`, async (t) => {
      for (const isFirst of [true, false]) {
        const { second, jar, signInTwice } = await open(t, keeper, before, after)
        await signInTwice('alice', 'bob', isFirst)
        const [one, other] = jar.cookies
        const stale = isFirst ? one : other
        if (stale) jar.put({ ...stale, value: 's%3Aunknown.signature' }, isFirst)
        t.equal(await second('/who', { host, 'sec-fetch-mode': 'cors' }), 'bob')
        t.equal(jar.cookies.length, 2, 'a request beside others leaves the cookies alone')
        t.equal(await second('/who'), 'bob')
        t.same(
          jar.cookies.map(({ domain }) => domain),
          [after]
        )
        t.equal(await second('/who'), 'bob')
      }
    })

    t.test(`${what}: living sessions of two users are nobody`, async (t) => {
      const { second, jar, signInTwice } = await open(t, keeper, before, after)
      await signInTwice('mallory', 'alice')
      t.equal(await second('/who'), 'nobody')
      t.same(jar.cookies, [])
      await second('/login/alice')
      t.equal(await second('/who'), 'alice')
    })

    t.test(`${what}: signOut ends every session whose cookie was sent`, async (t) => {
      const { second, jar, signInTwice } = await open(t, keeper, before, after)
      await signInTwice('alice', 'alice')
      const copies = [...jar.cookies]
      await second('/logout')
      for (const copy of copies) {
        jar.cookies.splice(0, 2, copy)
        t.equal(await second('/who'), 'nobody')
      }
    })
  }
}

for (const [name, keeper] of Object.entries(keepers))
  t.test(`with ${name}, living sessions of an application that names its users in its own way`, async (t) => {
    const outcomeOf = async (...sessions: object[]) => {
      const { first, second, jar } = await open(t, keeper, 'example.org', undefined)
      const [one, other] = sessions.map((session) => JSON.stringify(session))
      await first(`/set/${encodeURIComponent(one ?? '')}`)
      const [older] = jar.cookies.splice(0)
      await second(`/set/${encodeURIComponent(other ?? '')}`)
      if (older) jar.put(older, true)
      return JSON.parse(await second('/all'))
    }
    for (const userOf of [
      (id: number) => ({ passport: { user: id } }),
      (id: number) => ({ user: { id } }),
      (userId: number) => ({ userId })
    ]) {
      t.same(await outcomeOf(userOf(1), userOf(2)), {}, 'of two users nobody')
      t.same(await outcomeOf(userOf(1), userOf(1)), userOf(1), 'of one this one')
    }
    t.same(await outcomeOf({ cart: [7] }, { user: 'alice' }), { user: 'alice' }, 'the user and a visitor')
  })

t.test('a name that only looks the same is no second cookie', async (t) => {
  const { first, jar } = await open(t, {}, undefined, undefined)
  await first('/login/mallory')
  const [mallorys] = jar.cookies.splice(0)
  await first('/login/alice')
  const alices = jar.header()
  for (const other of ['\xa0connect.sid', 'xconnect.sid', 'connect.sidx'])
    t.equal(await first('/who', { ...page, cookie: `${other}=${mallorys?.value}; ${alices}` }), 'alice')
})
