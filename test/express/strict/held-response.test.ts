import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import t, { type Test } from 'tap'
import { session } from '../../../src/express/index.ts'
import { Browser, makeSession, open, serve } from '../web.ts'

const strict = { settings: { DATABASE_URL: 'file::memory:' } }
const write = (req: express.Request, value: unknown) => Reflect.set(req.session, 'value', value)

/** A store that keeps what it is given until it is told to fail. */
class FailingStore extends session.MemoryStore {
  fails = false

  override set(...[id, stored, done]: Parameters<InstanceType<typeof session.MemoryStore>['set']>) {
    if (this.fails) done?.(new Error('full'))
    else super.set(id, stored, done)
  }
}

const tell: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error)
  res.status(error.status ?? 500).send(`sorry: ${error.message}`)
}

async function openFailing(t: Test, ...handlers: RequestHandler[]) {
  const store = new FailingStore()
  const app = express().use(makeSession(t, { store, strict: true }), ...handlers)
  app.use(tell)
  return { store, browser: new Browser(await serve(t, app)) }
}

t.test('the response looks sent while the session is being saved', async (t) => {
  const seen: unknown[] = []
  const { browser } = await open(t, strict, (req, res) => {
    write(req, 1)
    res.status(201).set('x-one', '1').send('made')
    seen.push(res.headersSent, res.writableEnded)
    res.statusCode = 404
    for (const change of [
      () => res.setHeader('x-two', '2'),
      () => res.removeHeader('x-one'),
      () => res.appendHeader('x-two', '2')
    ]) {
      t.throws(change, { code: 'ERR_HTTP_HEADERS_SENT' })
    }
  })
  const { status, headers, body } = await browser.get('/')
  t.same([status, headers.get('x-one'), headers.get('x-two'), body], [201, '1', null, 'made'])
  t.same(seen, [true, true])
})

t.test('writeHead twice is refused, as Node does', async (t) => {
  const { browser } = await open(t, strict, (req, res) => {
    write(req, 1)
    res.writeHead(202, 'Fine', { 'x-one': '1' })
    t.throws(() => res.writeHead(200), { code: 'ERR_HTTP_HEADERS_SENT' })
    res.end('once')
  })
  const { status, headers, body, cookies } = await browser.get('/')
  t.same([status, headers.get('x-one'), body, cookies.length], [202, '1', 'once', 1])
})

t.test('what a withdrawn answer said of itself goes, what the application always says stays', async (t) => {
  const { store, browser } = await openFailing(t, (req, res) => {
    write(req, 1)
    res.set({ 'x-frame-options': 'DENY', 'cache-control': 'public, max-age=60' })
    res.cookie('welcome', 'yes').redirect('/home')
  })
  store.fails = true
  const { status, body, headers, cookies } = await browser.get('/')
  t.same([status, body], [503, 'sorry: The session store did not answer'])
  t.same([headers.get('location'), headers.get('cache-control'), cookies], [null, null, []])
  t.equal(headers.get('x-frame-options'), 'DENY')
})

t.test('Express’s own error handler answers 503 with Retry-After', async (t) => {
  const store = new FailingStore()
  store.fails = true
  const { app, browser } = await open(t, { store, strict: true }, (req, res) => {
    write(req, 1)
    res.send('ok')
  })
  app.set('env', 'test')
  const { status, headers } = await browser.get('/')
  t.same([status, headers.get('retry-after')], [503, '5'])
})

t.test(
  'an answer in parts begins when the session is saved, and ends when what changed since is',
  async (t) => {
    const { browser } = await open(t, strict, (req, res) => {
      if (req.path === '/value') return void res.json(Reflect.get(req.session, 'value'))
      write(req, 'first')
      res.write('one ')
      setTimeout(() => {
        write(req, 'second')
        res.end('two')
      }, 20)
    })
    t.equal((await browser.get('/parts')).body, 'one two')
    t.equal((await browser.get('/value')).body, '"second"')
  }
)

t.test('so it does where the end comes while the beginning is being saved', async (t) => {
  const { browser } = await open(t, strict, (req, res) => {
    if (req.path === '/value') return void res.json(Reflect.get(req.session, 'value'))
    write(req, 'first')
    res.write('one ')
    write(req, 'second')
    res.end('two')
  })
  t.equal((await browser.get('/parts')).body, 'one two')
  t.equal((await browser.get('/value')).body, '"second"')
})

t.test('and where the last save fails it does not end as if all were well', async (t) => {
  const { store, browser } = await openFailing(t, (req, res) => {
    write(req, 'first')
    res.write('one ')
    setTimeout(() => {
      store.fails = true
      write(req, 'second')
      res.end('two')
    }, 20)
  })
  await t.rejects(browser.get('/'))
})

t.test('unset: destroy works at the end of an answer in parts too', async (t) => {
  const { browser, store } = await open(t, { strict: true, unset: 'destroy' }, (req, res) => {
    write(req, 1)
    res.write('one ')
    setTimeout(() => {
      Reflect.set(req, 'session', null)
      res.end('two')
    }, 20)
  })
  t.equal((await browser.get('/')).body, 'one two')
  t.equal(Object.keys(Reflect.get(store, 'sessions')).length, 0)
})

t.test('a large answer that is piped waits for the save, and arrives whole', async (t) => {
  const { Readable } = await import('node:stream')
  const parts = Array.from({ length: 200 }, (_, index) => `${index}`.padEnd(1024, '.'))
  const { browser } = await open(t, strict, (req, res) => {
    write(req, 1)
    Readable.from(parts).pipe(res)
  })
  const { body, cookies } = await browser.get('/')
  t.equal(body, parts.join(''))
  t.equal(cookies.length, 1)
})

t.test('flushHeaders sends the headers when the session is saved', async (t) => {
  const { browser } = await open(t, strict, (req, res) => {
    write(req, 1)
    res.type('text/event-stream').flushHeaders()
    setTimeout(() => res.end('data: 1\n\n'), 5)
  })
  const { body, cookies } = await browser.get('/')
  t.same([body, cookies.length], ['data: 1\n\n', 1])
})

t.test('what Node refuses to write becomes an error of the application', async (t) => {
  const { browser } = await openFailing(t, (req, res) => {
    write(req, 1)
    res.writeHead(42)
    res.end()
  })
  const { status, body } = await browser.get('/')
  t.equal(status, 500)
  t.match(body, /sorry: Invalid status code: 42/)
})

t.test('a session that is no JSON is an error, where express-session never answers', async (t) => {
  const { browser } = await openFailing(t, (req, res) => {
    write(req, 1n)
    res.send('ok')
  })
  const { status, body } = await browser.get('/')
  t.equal(status, 500)
  t.match(body, /BigInt/)
})

t.test('a store that says it is disconnected is an error until it says it is connected', async (t) => {
  const { browser, store } = await openFailing(t, (_req, res) => void res.send('here'))
  store.emit('disconnect')
  t.equal((await browser.get('/')).status, 503)
  store.emit('connect')
  t.equal((await browser.get('/')).body, 'here')
})
