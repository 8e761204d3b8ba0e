import type { Request, RequestHandler } from 'express'
import t from 'tap'
import { past } from '../servers/eventually.ts'
import { keepers, open } from './web.ts'

const day = 24 * 3_600_000

interface Data {
  hits?: number
  user?: string | undefined
  colour?: string
}
const dataOf = ({ session }: Request): Data => session as Data
/** Each path is a handler. */
const at =
  (paths: Record<string, RequestHandler>): RequestHandler =>
  (req, res, next) =>
    (paths[req.path] ?? next)(req, res, next)

const enter: RequestHandler = (req, res) => {
  dataOf(req).user = 'alice'
  res.send(req.sessionID)
}
const who: RequestHandler = (req, res) => {
  res.send(`${dataOf(req).user ?? 'nobody'}`)
}

for (const [keeper, where] of Object.entries(keepers)) {
  t.test(`over ${keeper}`, async (t) => {
    t.test('req.session holds anything JSON can, nested too', async (t) => {
      const { browser } = await open(t, where, (req, res) => {
        const before = JSON.stringify(Reflect.get(req.session, 'cart'))
        Reflect.set(req.session, 'cart', { things: [{ name: 'pear', count: 2 }], empty: [] })
        res.send(before)
      })
      await browser.get('/')
      t.equal((await browser.get('/')).body, '{"things":[{"name":"pear","count":2}],"empty":[]}')
    })

    t.test('req.sessionID and req.session.id are the id in the cookie', async (t) => {
      const { browser } = await open(t, where, (req, res) => {
        enter(req, { send: () => {} } as never, () => {})
        res.json({ one: req.sessionID, other: req.session.id })
      })
      const { one, other } = JSON.parse((await browser.get('/')).body)
      t.equal(one, other)
      t.ok(decodeURIComponent(browser.jar.get('connect.sid') ?? '').startsWith(`s:${one}.`))
    })

    t.test('req.session has no enumerable methods', async (t) => {
      const { browser } = await open(t, where, (req, res) => {
        const keys = []
        for (const key in req.session) keys.push(key)
        dataOf(req).user = 'alice'
        res.json(keys)
      })
      await browser.get('/')
      const known = ['cookie', 'startedAt', 'user']
      t.ok(JSON.parse((await browser.get('/')).body).every((key: string) => known.includes(key)))
    })

    t.test('regenerate: an empty session with a new id, and the old one is over', async (t) => {
      const { browser } = await open(
        t,
        where,
        at({
          '/enter': enter,
          '/who': who,
          '/regenerate': (req, res, next) =>
            req.session.regenerate((error) => {
              if (error) return next(error)
              const before = dataOf(req).user
              dataOf(req).user = 'bob'
              res.json({ id: req.session.id, before })
            })
        })
      )
      const { body: old } = await browser.get('/enter')
      const thief = browser.copy()
      const { id, before } = JSON.parse((await browser.get('/regenerate')).body)
      t.not(id, old)
      t.equal(before, undefined)
      t.equal((await browser.get('/who')).body, 'bob')
      t.equal((await thief.get('/who')).body, 'nobody')
    })

    t.test('destroy: the session is over and req.session is gone', async (t) => {
      const { browser } = await open(
        t,
        where,
        at({
          '/enter': enter,
          '/who': who,
          '/destroy': (req, res) => void req.session.destroy(() => res.send(typeof req.session))
        })
      )
      await browser.get('/enter')
      t.equal((await browser.get('/destroy')).body, 'undefined')
      t.equal((await browser.get('/who')).body, 'nobody')
    })

    t.test('reload: what others have stored meanwhile', async (t) => {
      const { browser } = await open(
        t,
        where,
        at({
          '/enter': enter,
          '/colour': (req, res) => {
            dataOf(req).colour = 'blue'
            res.end()
          },
          '/reload': async (req, res) => {
            dataOf(req).user = 'mallory'
            await browser.get('/colour')
            req.session.reload(() => res.json([dataOf(req).user, dataOf(req).colour]))
          }
        })
      )
      await browser.get('/enter')
      t.equal((await browser.get('/reload')).body, '["alice","blue"]')
    })

    t.test('reload: an error if the session is gone', async (t) => {
      const { browser } = await open(
        t,
        where,
        at({
          '/enter': enter,
          '/reload': (req, res) =>
            req.sessionStore.destroy(req.sessionID, () => {
              req.session.reload((error) => res.send(error.message))
            })
        })
      )
      await browser.get('/enter')
      t.equal((await browser.get('/reload')).body, 'failed to load session')
    })

    t.test('save: at once, and not again at the end', async (t) => {
      const { browser, store } = await open(t, where, (req, res) => {
        dataOf(req).user = 'alice'
        req.session.save(() => {
          req.sessionStore.get(req.sessionID, (_error, stored) => res.json(stored))
        })
      })
      let sets = 0
      const set = store.set.bind(store)
      store.set = (...args) => {
        sets += 1
        set(...args)
      }
      t.match(JSON.parse((await browser.get('/')).body), { user: 'alice' })
      t.equal(sets, 1)
    })

    t.test('touch: restarts the cookie’s age', async (t) => {
      const { browser } = await open(t, { ...where, cookie: { maxAge: 10 * day } }, (req, res) => {
        const { cookie } = req.session
        cookie.expires = new Date(Date.now() + day)
        cookie.originalMaxAge = 10 * day
        const same = req.session.touch() === req.session
        res.json([same, Math.round((cookie.maxAge ?? 0) / day)])
      })
      t.equal((await browser.get('/')).body, '[true,10]')
    })

    t.test('cookie: maxAge, originalMaxAge and expires of a loaded session', async (t) => {
      const { browser } = await open(t, { ...where, cookie: { maxAge: 10 * day } }, (req, res) => {
        const { maxAge = 0, originalMaxAge, expires } = req.session.cookie
        dataOf(req).user = 'alice'
        res.json({ maxAge, originalMaxAge, isDate: expires instanceof Date })
      })
      await browser.get('/')
      const { maxAge, originalMaxAge, isDate } = JSON.parse((await browser.get('/')).body)
      t.ok(maxAge > 9 * day && maxAge <= 10 * day, `${maxAge} remain`)
      t.ok(Math.abs(originalMaxAge - 10 * day) < day)
      t.ok(isDate)
    })

    t.test('cookie.maxAge: can be changed for one visitor, for good', async (t) => {
      const { browser } = await open(
        t,
        where,
        at({
          '/enter': enter,
          '/remember': (req, res) => {
            req.session.cookie.maxAge = 7 * day
            res.end()
          },
          '/age': (req, res) => {
            res.send(`${req.session.cookie.originalMaxAge}`)
          }
        })
      )
      await browser.get('/enter')
      await browser.get('/remember')
      const age = Number((await browser.get('/age')).body)
      // express-session computes it from the end and the clock, which may have moved on.
      t.ok(Math.abs(age - 7 * day) < day, `${age}`)
    })

    t.test('cookie.expires: false makes a session cookie', async (t) => {
      const { browser } = await open(t, { ...where, cookie: { maxAge: 10 * day } }, (req, res) => {
        Reflect.set(req.session.cookie, 'expires', false)
        dataOf(req).user = 'alice'
        res.end()
      })
      t.notMatch((await browser.get('/')).cookies[0], /Expires/)
    })

    t.test('sessions end with the age of their cookie', async (t) => {
      const { browser } = await open(
        t,
        { ...where, cookie: { maxAge: 30 } },
        at({ '/enter': enter, '/who': who })
      )
      await browser.get('/enter')
      // Latchkey keeps it up to a tenth longer.
      await past(Date.now() + 33)
      t.equal((await browser.get('/who')).body, 'nobody')
    })

    t.test('without a request: load, set, touch and destroy of the store', async (t) => {
      const { browser, store } = await open(t, where, at({ '/enter': enter, '/who': who }))
      const { body: id } = await browser.get('/enter')
      const call = (method: string, ...args: unknown[]) =>
        new Promise<Data | undefined>((resolve, reject) =>
          Reflect.get(store, method).call(store, ...args, (error: unknown, value: Data) =>
            error ? reject(error) : resolve(value)
          )
        )
      const loaded = await call('load', id)
      t.match(loaded, { user: 'alice', id })
      const plain = await call('get', id)
      await call('set', id, { ...plain, user: 'bob' })
      t.equal((await browser.get('/who')).body, 'bob')
      await call('set', id, { cookie: { originalMaxAge: null }, user: 'carol' })
      t.equal((await browser.get('/who')).body, 'carol')
      await call('touch', id, await call('get', id))
      await call('destroy', id)
      t.equal((await browser.get('/who')).body, 'nobody')
      await call('set', id, { cookie: { originalMaxAge: null }, user: 'dave' })
      t.equal((await browser.get('/who')).body, 'dave', 'set is documented to create a missing session')
    })

    t.test('a response is sent as written: in chunks, with a length, empty, and once', async (t) => {
      const { browser } = await open(
        t,
        where,
        at({
          '/parts': (req, res) => {
            dataOf(req).hits = 1
            res.write('hello, ')
            setImmediate(() => res.end('world'))
          },
          '/length': (req, res) => {
            dataOf(req).hits = 2
            res.setHeader('Content-Length', '5')
            res.end('hello')
          },
          '/empty': (req, res) => {
            dataOf(req).hits = 3
            res.end()
          },
          '/twice': (req, res) => {
            dataOf(req).hits = 4
            res.end('first')
            res.end('second')
          }
        })
      )
      t.equal((await browser.get('/parts')).body, 'hello, world')
      t.equal((await browser.get('/length')).body, 'hello')
      t.equal((await browser.get('/empty')).body, '')
      t.equal((await browser.get('/twice')).body, 'first')
    })
  })
}
