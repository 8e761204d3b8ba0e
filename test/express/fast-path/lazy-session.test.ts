import type { Request, RequestHandler } from 'express'
import t, { type Test } from 'tap'
import type { SessionOptions } from '../../../src/express/session.ts'
import { Browser, open } from '../web.ts'

// A cached session is read without express-session. The result has to be the same as without a cache:
// SESSION_CACHE=0 turns it off.
const ways = { 'in the process': {}, loaded: { SESSION_CACHE: '0' } }

const dataOf = ({ session }: Request): Record<string, unknown> => Object(session)
const ending =
  (change: (req: Request) => void): RequestHandler =>
  (req, res) => {
    change(req)
    res.send('done')
  }

const requests: Record<string, RequestHandler> = {
  'touch nothing': ending(() => {}),
  'only read': ending((req) => void JSON.stringify(req.session)),
  'look for the properties': (req, res) => {
    const own = ['session', 'sessionID', 'sessionStore'].map((name) => Object.hasOwn(req, name))
    res.json([own, 'session' in req, Object.keys(req.session), req.session.id === req.sessionID])
  },
  'change a value': ending((req) => Object.assign(dataOf(req), { colour: 'blue' })),
  'change a value inside another': ending((req) => Object(dataOf(req).cart).things.push('pear')),
  'take a value out': ending((req) => delete dataOf(req).cart),
  'put the same value again': ending((req) => Object.assign(dataOf(req), { user: 'alice' })),
  'change the age of the cookie': ending((req) => Object.assign(req.session.cookie, { maxAge: 600_000 })),
  'change how the cookie is guarded': ending((req) =>
    Object.assign(req.session.cookie, { sameSite: 'strict' })
  ),
  'move the date of the cookie': ending((req) => Object.assign(req.session.cookie, { expires: new Date() })),
  'touch it': ending((req) => req.session.touch()),
  'put null': ending((req) => Object.assign(req, { session: null })),
  'delete it': ending((req) => Reflect.deleteProperty(req, 'session')),
  'read it and delete it': ending((req) => dataOf(req).user && Reflect.deleteProperty(req, 'session')),
  'put plain data': (req, res) => {
    const { session } = req
    Object.assign(req, { session: Object.assign(Object.create(session), { user: 'bob' }) })
    Object.assign(req, { session })
    res.send('done')
  },
  destroy: (req, res) => void req.session.destroy(() => res.send(typeof req.session)),
  regenerate: (req, res) => {
    const { id } = req.session
    req.session.regenerate(() => {
      Object.assign(dataOf(req), { user: 'bob' })
      res.json([id === req.sessionID, req.session.id === req.sessionID])
    })
  },
  'regenerate and keep nothing': (req, res) => void req.session.regenerate(() => res.send('done')),
  'change and save': (req, res) => {
    Object.assign(dataOf(req), { colour: 'blue' })
    req.session.save(() => res.send('done'))
  },
  'save, and change': (req, res) => {
    req.session.save(() => {
      Object.assign(dataOf(req), { colour: 'blue' })
      res.send('done')
    })
  },
  'change and reload': (req, res) => {
    const before = req.session
    Object.assign(dataOf(req), { user: 'mallory' })
    before.reload(() => {
      Object.assign(dataOf(req), { colour: 'red' })
      res.json([before === req.session, dataOf(req).user])
    })
  },
  'reload and save': (req, res) => {
    req.session.reload(() => {
      Object.assign(dataOf(req), { colour: 'red' })
      req.session.save(() => res.send('done'))
    })
  },
  'change before an answer in parts': (req, res) => {
    Object.assign(dataOf(req), { colour: 'blue' })
    res.write('one ')
    res.end('two')
  },
  'change within an answer in parts': (req, res) => {
    res.write('one ')
    Object.assign(dataOf(req), { colour: 'blue' })
    res.end('two')
  },
  'destroy within an answer in parts': (req, res) => {
    res.write('one ')
    req.session.destroy(() => res.end('two'))
  },
  'change after the head is written': (req, res) => {
    res.writeHead(202, { 'x-one': '1' })
    Object.assign(dataOf(req), { colour: 'blue' })
    res.end('done')
  },
  'write the head and leave the session alone': (_req, res) =>
    void res.writeHead(202, { 'x-one': '1' }).end(),
  'send the headers early': (req, res) => {
    res.flushHeaders()
    res.end(`${dataOf(req).user}`)
  },
  'end twice': (_req, res) => void res.end('one').end('two'),
  'put what JSON has no form for': ending((req) => Object.assign(dataOf(req), { colour: 1n })),
  'hide the cookie from what comes after': ending((req) => {
    delete req.headers.cookie
    Object.assign(dataOf(req), { colour: 'blue' })
  }),
  'save after the answer': (req, res) => {
    res.send('done')
    Object.assign(dataOf(req), { colour: 'late' })
    req.session.save()
  }
}

const who: RequestHandler = (req, res) => {
  if (req.path === '/enter') Object.assign(dataOf(req), { user: 'alice' })
  res.send(dataOf(req).user ?? 'nobody')
}

/** What a browser sees of one request, and what is stored afterwards. */
async function outcomeOf(t: Test, handler: RequestHandler, options: Partial<SessionOptions>) {
  const handle: RequestHandler = (req, res, next) => {
    if (req.path === '/it') return handler(req, res, next)
    if (req.path === '/enter') Object.assign(dataOf(req), { user: 'alice', cart: { things: ['apple'] } })
    res.json(req.path === '/enter' ? req.sessionID : dataOf(req))
  }
  const { app, browser, store } = await open(t, options, handle)
  app.set('env', 'test')
  const { body } = await browser.get('/enter')
  await browser.get('/')
  let sets = 0
  const set = store.set.bind(store)
  store.set = (...args) => {
    sets += 1
    set(...args)
  }
  const { status, headers, cookies, body: said } = await browser.get('/it')
  const after = JSON.parse((await browser.get('/')).body)
  const old = await new Promise((resolve) =>
    store.get(JSON.parse(body), (_error, session) => resolve(session ?? {}))
  )
  return {
    ...{ status, said: status === 500 ? 'an error' : said, head: headers.get('x-one'), sets },
    cookies: cookies.map((cookie) => cookie.replace(/=s%3A[^;]+/, '').replace(/Expires=[^;]+/, 'Expires')),
    after: withoutTimes(after),
    old: withoutTimes(JSON.parse(JSON.stringify(old)))
  }
}

function withoutTimes({ startedAt, cookie, ...data }: Record<string, unknown>) {
  const { expires, originalMaxAge, ...attributes } = Object(cookie ?? {})
  const age = Math.round(originalMaxAge / 1000)
  return { ...data, cookie: { ...attributes, age, expires: Boolean(expires) } }
}

const programs: Record<string, Partial<SessionOptions>> = {
  'as the documentation begins': {},
  'with an age, unset: destroy and saveUninitialized': {
    cookie: { maxAge: 300_000, sameSite: 'lax' },
    unset: 'destroy',
    saveUninitialized: true
  }
}

for (const [program, options] of Object.entries(programs)) {
  t.test(program, async (t) => {
    for (const [what, handler] of Object.entries(requests)) {
      const [known, loaded] = await Promise.all(
        Object.values(ways).map((way) =>
          outcomeOf(t, handler, { ...options, settings: { DATABASE_URL: 'file::memory:', ...way } })
        )
      )
      t.same(known, loaded, what)
    }
  })
}

t.test('a memoized signature does not accept a forged one', async (t) => {
  const settings = { DATABASE_URL: 'file::memory:' }
  const { browser } = await open(t, { settings, secret: ['new secret', 'older secret'], name: 'a.b' }, who)
  await browser.get('/enter')
  const genuine = browser.jar.get('a.b') ?? ''
  const see = (cookie: string) => new Browser(browser.url).get('/', { cookie }).then(({ body }) => body)
  const also = ['%', '+', '=', ' a.b'].map((value) => `other=${value}; a.b=${genuine}`)
  for (const cookie of [`a.b=${genuine}`, `a.b=${decodeURIComponent(genuine)}`, ...also]) {
    for (const _ of ['loaded', 'known']) t.equal(await see(cookie), 'alice', cookie)
  }
  const signed = decodeURIComponent(genuine).slice(2)
  const id = signed.slice(0, signed.lastIndexOf('.'))
  const forged = [`s%3A${id}`, `s%3A${id}.`, `s%3A${id}.AAAA`, genuine.slice(0, -1), `${genuine}A`, id, '%']
  for (const value of forged) t.equal(await see(`a.b=${value}`), 'nobody', `${value}`)
  for (const name of ['axb', 'xa.b', 'A.B']) t.equal(await see(`${name}=${genuine}`), 'nobody', name)
  const two = `a.b=s%3A${id}.AAAA; a.b=${genuine}`
  t.equal(await see(two), 'alice', 'of two the valid one counts')
})

t.test('a session signed with an older secret is found too', async (t) => {
  const settings = { DATABASE_URL: 'file::memory:' }
  const { store, browser } = await open(t, { settings, secret: 'older secret' }, who)
  await browser.get('/enter')
  const { browser: later } = await open(t, { store, secret: ['new secret', 'older secret'] }, who)
  const { browser: without } = await open(t, { store, secret: ['new secret'] }, who)
  for (const _ of ['loaded', 'known']) t.equal((await browser.copy(later.url).get('/')).body, 'alice')
  t.equal((await browser.copy(without.url).get('/')).body, 'nobody')
})
